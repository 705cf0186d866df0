namespace CertOperator.Providers.Egress;

/// <summary>
/// A host could not be resolved or reached; the message lists what each address answered. It wraps nothing: those who
/// report the innermost error of a failed request report this one, which says more than the socket's.
/// </summary>
public sealed class EgressConnectException(string message) : IOException(message)
{
    /// <summary>Whether there was no address to connect to.</summary>
    public bool IsUnresolved { get; init; }
}
