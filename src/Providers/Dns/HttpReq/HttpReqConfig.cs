namespace CertOperator.Providers.Dns.HttpReq;

/// <summary>Where the protocol is spoken, and the user to be there; null where nobody is asked who they are.</summary>
public sealed record HttpReqConfig(Uri Endpoint, string? CaBundle, HttpReqUser? User);

public sealed record HttpReqUser(string Name, string Password)
{
    public override string ToString() => $"HttpReqUser {{ {Name} }}";
}
