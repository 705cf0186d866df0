using System.Net;

namespace CertOperator.Acme;

/// <summary>What a certificate is to name: type "dns" (RFC 8555 section 9.7.7) or "ip" (RFC 8738).</summary>
public sealed record AcmeIdentifier(string Type, string Value)
{
    public const string DnsType = "dns";
    public const string IpType = "ip";

    /// <summary>A host name in A-label form; a wildcard keeps its <c>*.</c>.</summary>
    public static AcmeIdentifier Dns(string name) => new(DnsType, name);

    public static AcmeIdentifier Ip(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new(IpType, address.ToString());
    }

    public override string ToString() => $"{Type}:{Value}";
}
