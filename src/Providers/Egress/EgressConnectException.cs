namespace CertOperator.Providers.Egress;

/// <summary>A host could not be resolved or reached; the message lists what each address answered.</summary>
public sealed class EgressConnectException(string message, Exception? inner = null) : IOException(message, inner);
