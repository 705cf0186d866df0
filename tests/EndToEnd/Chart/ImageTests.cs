using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Chart;

/// <summary>The Dockerfile as far as it can be tried without pulling images: what it copies and runs to build gives a program that works.</summary>
[Category("Component")]
public sealed class ImageTests
{
    private static readonly string[] Lines = File.ReadAllText(Repository.PathOf("Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n');

    [Test]
    public async Task What_the_Dockerfile_builds_has_a_version_and_writes_the_definitions_of_the_chart()
    {
        using var folder = new TemporaryDirectory();
        string source = folder.File("source");
        string output = folder.File("out");
        foreach (string[] copied in Lines.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from", StringComparison.Ordinal)).Select(l => l.Split(' ')[1..^1]))
        {
            foreach (string path in copied)
            {
                Copy(Repository.PathOf(path), Path.Combine(source, path));
            }
        }

        string command = Lines.Single(l => l.StartsWith("RUN ", StringComparison.Ordinal))["RUN ".Length..].Replace("/out", output, StringComparison.Ordinal);
        var options = new ToolOptions
        {
            WorkingDirectory = source,
            Deadline = TimeSpan.FromMinutes(10),
            Environment = new Dictionary<string, string?> { ["COMMIT"] = "0123abc", ["SOURCE_DATE_EPOCH"] = "1000000000" },
        };
        await ToolProcess.RunAsync("bash", ["-euo", "pipefail", "-c", command], options);

        string program = Path.Combine(output, "certoperator.dll");
        Assert.That((await ToolProcess.RunAsync("dotnet", [program, "version"])).Output, Does.EndWith("(commit 0123abc)\n"));
        await ToolProcess.RunAsync("dotnet", [program, "crds", "--output", folder.File("crds")]);
        foreach (string definition in Directory.GetFiles(Path.Combine(Helm.Chart, "crds")))
        {
            Assert.That(await File.ReadAllTextAsync(Path.Combine(folder.File("crds"), Path.GetFileName(definition))), Is.EqualTo(await File.ReadAllTextAsync(definition)), definition);
        }

        Assert.That(Directory.GetFiles(output).Select(File.GetLastWriteTimeUtc).Distinct(), Is.EqualTo(new[] { DateTime.UnixEpoch.AddSeconds(1_000_000_000) }));
        Assert.That(Directory.GetFiles(output, "*.pdb"), Is.Empty);
    }

    [Test]
    public void Images_are_pinned_to_a_version_and_nobody_is_root()
    {
        string[] arguments = [.. Lines.Where(l => l.StartsWith("ARG SDK=", StringComparison.Ordinal) || l.StartsWith("ARG RUNTIME=", StringComparison.Ordinal))];

        Assert.That(arguments, Has.Length.EqualTo(2).And.All.Match(@"^ARG \w+=10\.0\.\d+-noble(-chiseled-extra)?$"));
        Assert.That(Lines.Where(l => l.StartsWith("FROM ", StringComparison.Ordinal)), Has.All.Match(@"^FROM mcr\.microsoft\.com/dotnet/\w+:\$\{(SDK|RUNTIME)\}( AS build)?$"));
        Assert.That(Lines.Single(l => l.StartsWith("USER ", StringComparison.Ordinal)), Is.EqualTo("USER 1654:1654"));
        Assert.That(File.ReadAllText(Repository.PathOf("charts", "cert-operator", "templates", "deployment.yaml")), Does.Contain("runAsUser: 1654"));
    }

    private static void Copy(string from, string to)
    {
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to);
            return;
        }

        foreach (string entry in Directory.GetFileSystemEntries(from).Where(e => Path.GetFileName(e) is not ("bin" or "obj")))
        {
            Copy(entry, Path.Combine(to, Path.GetFileName(entry)));
        }
    }
}
