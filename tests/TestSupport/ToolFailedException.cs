namespace CertOperator.TestSupport;

/// <summary>A program ended with a non-zero exit code, or not in time; the message holds the end of its output.</summary>
public sealed class ToolFailedException(string message) : Exception(message);
