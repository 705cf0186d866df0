using CertOperator.Providers.Dns.AcmeDns;
using CertOperator.Providers.Dns.AzureDns;
using CertOperator.Providers.Dns.Cloudflare;
using CertOperator.Providers.Dns.GoogleCloudDns;
using CertOperator.Providers.Dns.HttpReq;
using CertOperator.Providers.Dns.Rfc2136;
using CertOperator.Providers.Dns.Route53;
using CertOperator.Providers.Probing;

namespace CertOperator.Providers.Dns;

/// <summary>A solver of dns-01 with its credentials.</summary>
public sealed record Dns01Config
{
    public required Dns01Options Options { get; init; }

    /// <summary>Resolvers to ask; empty for the operator's.</summary>
    public required IReadOnlyList<EndpointAddress> Resolvers { get; init; }

    public required DnsProviderConfig Provider { get; init; }
}

/// <summary>Where records are written: a closed set.</summary>
public abstract record DnsProviderConfig
{
    private DnsProviderConfig()
    {
    }

    public sealed record Rfc2136(Rfc2136Config Config) : DnsProviderConfig;

    public sealed record HttpReq(HttpReqConfig Config) : DnsProviderConfig;

    public sealed record AcmeDns(AcmeDnsConfig Config) : DnsProviderConfig;

    public sealed record Cloudflare(CloudflareConfig Config) : DnsProviderConfig;

    public sealed record Route53(Route53Config Config) : DnsProviderConfig;

    public sealed record GoogleCloudDns(GoogleCloudDnsConfig Config) : DnsProviderConfig;

    public sealed record AzureDns(AzureDnsConfig Config) : DnsProviderConfig;
}
