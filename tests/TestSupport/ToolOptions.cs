namespace CertOperator.TestSupport;

/// <summary>How to start a program.</summary>
public sealed record ToolOptions
{
    /// <summary>Variables to add to those of the test process; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The folder to start in. <value>The repository's root.</value></summary>
    public string WorkingDirectory { get; init; } = Repository.Root;

    /// <summary>Text for standard input, which is closed afterwards.</summary>
    public string? Input { get; init; }

    /// <summary>A file to which every line of output is appended as it comes.</summary>
    public string? LogFile { get; init; }

    /// <summary>How long <see cref="ToolProcess.RunAsync"/> waits before it kills the program. <value>3 minutes.</value></summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Whether <see cref="ToolProcess.RunAsync"/> hands back a non-zero exit code instead of throwing.</summary>
    public bool AllowFailure { get; init; }
}
