namespace CertOperator.TestSupport.Proxies;

/// <summary>A request that reached the API server, and what the server answered.</summary>
public sealed record ApiExchange(string Verb, string Resource, string Name, int Status);
