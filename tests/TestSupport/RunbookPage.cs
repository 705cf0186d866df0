namespace CertOperator.TestSupport;

/// <summary>A page of the documentation and the shell commands in it.</summary>
/// <param name="Path">Relative to the repository.</param>
/// <param name="Text">Markdown.</param>
/// <param name="Blocks">Its blocks of type <c>sh</c>, in that order.</param>
public sealed record RunbookPage(string Path, string Text, IReadOnlyList<ShellBlock> Blocks)
{
    private const string Fence = "```";

    /// <summary>The runbooks of all alerts, by name.</summary>
    public static IReadOnlyList<RunbookPage> Runbooks()
        => [.. Directory.GetFiles(Repository.PathOf("docs", "runbooks"), "*.md").Order(StringComparer.Ordinal).Select(f => Read(System.IO.Path.GetRelativePath(Repository.Root, f)))];

    /// <param name="path">Relative to the repository.</param>
    public static RunbookPage Read(string path)
    {
        string text = File.ReadAllText(Repository.PathOf(path));
        List<ShellBlock> blocks = [];
        string? info = null;
        List<string> lines = [];
        foreach ((string line, int number) in text.Split('\n').Select((l, i) => (l, i + 1)))
        {
            if (!line.StartsWith(Fence, StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }

            if (info is not null && (info == "sh" || info.StartsWith("sh ", StringComparison.Ordinal)))
            {
                blocks.Add(new ShellBlock(number - lines.Count, info.Length > 2 ? info[3..] : "", string.Join('\n', lines)));
            }

            info = info is null ? line[Fence.Length..].Trim() : null;
            lines.Clear();
        }

        return new RunbookPage(path, text, blocks);
    }
}

/// <summary>Commands of a page.</summary>
/// <param name="Line">Where they begin.</param>
/// <param name="Mark">What stands behind <c>sh</c>; empty where they can be run anywhere.</param>
/// <param name="Commands">For a shell.</param>
public sealed record ShellBlock(int Line, string Mark, string Commands);
