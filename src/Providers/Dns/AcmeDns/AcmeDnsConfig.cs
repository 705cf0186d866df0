namespace CertOperator.Providers.Dns.AcmeDns;

/// <summary>An acme-dns server and the account to use there.</summary>
/// <param name="Endpoint">The server.</param>
/// <param name="CaBundle">CAs to trust besides the system's.</param>
/// <param name="Account">What the server's registration gave out.</param>
public sealed record AcmeDnsConfig(Uri Endpoint, string? CaBundle, AcmeDnsAccount Account);

public sealed record AcmeDnsAccount(string User, string Key, string Subdomain)
{
    public override string ToString() => $"AcmeDnsAccount {{ {Subdomain} }}";
}
