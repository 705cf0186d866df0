namespace CertOperator.Operator.Hosting;

/// <summary>A port could not be opened; the message names the option and what to change.</summary>
public sealed class ListenException(string message, Exception inner) : Exception(message, inner);
