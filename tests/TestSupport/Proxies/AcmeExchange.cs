namespace CertOperator.TestSupport.Proxies;

/// <summary>A request that reached the ACME server, and what the server answered; the client may have been handed something else.</summary>
public sealed record AcmeExchange(AcmeRequestKind Kind, string Path, int Status);
