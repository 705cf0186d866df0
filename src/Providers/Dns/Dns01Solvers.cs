using System.Net;
using System.Net.Sockets;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns.AcmeDns;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Dns.AzureDns;
using CertOperator.Providers.Dns.Cloudflare;
using CertOperator.Providers.Dns.GoogleCloudDns;
using CertOperator.Providers.Dns.HttpReq;
using CertOperator.Providers.Dns.Rfc2136;
using CertOperator.Providers.Dns.Route53;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Probing;

namespace CertOperator.Providers.Dns;

/// <summary>Makes solvers of dns-01.</summary>
public sealed class Dns01Solvers(DnsClient client, DnsEnvironment environment, IAddressResolver addresses, EgressHttpClients http, TimeProvider timeProvider)
{
    /// <exception cref="IssuanceException">A resolver that the solver names does not resolve itself.</exception>
    public async Task<IChallengeSolver> CreateAsync(Dns01Config config, CancellationToken cancellationToken)
    {
        var lookup = new DnsLookup(client, config.Resolvers.Count == 0 ? environment.Resolvers : await ResolveAsync(config.Resolvers, cancellationToken));
        return new Dns01Solver(Records(config.Provider, lookup), lookup, new PropagationCheck(client, lookup, environment.AuthoritativePort), config.Options);
    }

    private ITxtRecords Records(DnsProviderConfig provider, DnsLookup lookup)
        => provider switch
        {
            DnsProviderConfig.Rfc2136 { Config: var config } => new Rfc2136Records(config, client, lookup, addresses),
            DnsProviderConfig.HttpReq { Config: var config } => new HttpReqRecords(config, Api("httpreq", "httpreq", config.CaBundle)),
            DnsProviderConfig.AcmeDns { Config: var config } => new AcmeDnsRecords(config, Api("acme-dns", "acmeDns", config.CaBundle)),
            DnsProviderConfig.Cloudflare { Config: var config } => new CloudflareRecords(config, Api("Cloudflare", "cloudflare")),
            DnsProviderConfig.Route53 { Config: var config } => new Route53Records(config, Api("Route 53", "route53"), timeProvider),
            DnsProviderConfig.GoogleCloudDns { Config: var config } => GoogleCloudDns(config, Api("Google Cloud DNS", "googleCloudDns")),
            DnsProviderConfig.AzureDns { Config: var config } => AzureDns(config, Api("Azure DNS", "azureDns"), lookup),
            _ => throw new InvalidOperationException($"Unknown DNS provider {provider.GetType().Name}."),
        };

    private GoogleCloudDnsRecords GoogleCloudDns(GoogleCloudDnsConfig config, DnsApi api) => new(config, api, new AccessTokens(api, timeProvider));

    private AzureDnsRecords AzureDns(AzureDnsConfig config, DnsApi api, DnsLookup lookup) => new(config, api, new AccessTokens(api, timeProvider), lookup);

    private DnsApi Api(string name, string field, string? caBundle = null) => new(http.GetCapped(caBundle), name, $"dns01.{field}.secretName");

    private async Task<IReadOnlyList<DnsServer>> ResolveAsync(IReadOnlyList<EndpointAddress> resolvers, CancellationToken cancellationToken)
    {
        var servers = new List<DnsServer>();
        foreach (var resolver in resolvers)
        {
            try
            {
                IReadOnlyList<IPAddress> found = IPAddress.TryParse(resolver.Host, out var literal) ? [literal] : await addresses.ResolveAsync(resolver.Host, cancellationToken);
                servers.AddRange(found.Select(a => new DnsServer(resolver.Host, new IPEndPoint(a, resolver.Port), Trusted: false)));
            }
            catch (SocketException e)
            {
                throw new IssuanceException(IssuanceFailure.Transient, ChallengeReasons.DnsLookupFailed, $"The resolver {resolver.Host} does not resolve ({e.SocketErrorCode}). Name it by its address in dns01.resolvers.", inner: e);
            }
        }

        return servers;
    }
}

/// <summary>What whoever runs the operator says of the DNS around it.</summary>
/// <param name="Resolvers">Asked one after the other, unless a solver names its own.</param>
/// <param name="AuthoritativePort">Where authoritative name servers listen.</param>
public sealed record DnsEnvironment(IReadOnlyList<DnsServer> Resolvers, int AuthoritativePort);
