using CertOperator.Providers.Dns.Protocol;

namespace CertOperator.Providers.Dns;

/// <summary>A name that points to another. It is the only record at that name (RFC 1034, section 3.6.2).</summary>
public sealed record CnameRecord(DnsName Name, DnsName Target)
{
    /// <summary>It stays as it is for years.</summary>
    public const int TimeToLive = 300;
}
