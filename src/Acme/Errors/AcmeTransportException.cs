namespace CertOperator.Acme;

/// <summary>No answer came: name resolution, connection, TLS or timeout. The same request may work later.</summary>
public sealed class AcmeTransportException(string message, AcmeTransportFailure failure, Exception? inner = null) : AcmeException(message, inner)
{
    public AcmeTransportFailure Failure { get; } = failure;
}
