namespace CertOperator.Acme;

/// <summary>A key or MAC key that was given cannot be used; the message says why and never quotes it.</summary>
public sealed class AcmeCredentialException(string message, Exception? inner = null) : AcmeException(message, inner);
