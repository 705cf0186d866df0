namespace CertOperator.TestSupport;

/// <summary>What a program that has ended left.</summary>
/// <param name="ExitCode">128 + the signal's number when a signal ended it.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record ToolResult(int ExitCode, string Output, string Error);
