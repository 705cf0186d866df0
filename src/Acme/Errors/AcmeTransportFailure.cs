namespace CertOperator.Acme;

public enum AcmeTransportFailure
{
    Other,
    NameResolution,
    Connection,
    Tls,
    Timeout,
}
