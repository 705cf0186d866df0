namespace CertOperator.Providers.Probing;

/// <summary>
/// A server did not agree to TLS. The message names what was expected, and repeats nothing that the server said: whoever may name an
/// endpoint is not thereby allowed to read what it answers.
/// </summary>
public sealed class StartTlsException(string message) : Exception(message);
