using System.Net;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Dns;

/// <summary>Finds things in the DNS by way of resolvers: zones, delegations, name servers.</summary>
public sealed class DnsLookup(DnsClient client, IReadOnlyList<DnsServer> resolvers)
{
    /// <summary>A chain of aliases that is longer leads nowhere, or in a circle.</summary>
    private const int MaxAliases = 8;

    private const int MaxNameServers = 20;

    /// <summary>The name that an alias leads to in the end; the name itself where it is none (RFC 8555, section 8.4 has CAs follow).</summary>
    /// <exception cref="DnsException">The aliases do not end, or nobody answers.</exception>
    public async Task<DnsName> FollowAsync(DnsName name, CancellationToken cancellationToken)
    {
        var at = name;
        for (var i = 0; i <= MaxAliases; i++)
        {
            var answer = await AskAsync(at, DnsType.Cname, cancellationToken);
            if (Alias(answer, at) is not { } target)
            {
                return at;
            }

            at = target;
        }

        throw new DnsException($"{name} leads through more than {MaxAliases} CNAME records, or in a circle. Let it point straight at the name that is to be written.");
    }

    /// <summary>The zone that holds a name: the closest name above it, or itself, that has an SOA record.</summary>
    /// <exception cref="DnsException">There is none, or nobody answers.</exception>
    public async Task<DnsName> FindZoneAsync(DnsName name, CancellationToken cancellationToken)
    {
        for (var at = name; at is not null; at = at.Parent)
        {
            var answer = await AskAsync(at, DnsType.Soa, cancellationToken);
            // A negative answer names the zone that it comes from (RFC 2308, section 3), unless an alias led elsewhere.
            var zone = answer.Answers.FirstOrDefault(r => r.Type == DnsType.Soa && r.Name.Equals(at))
                ?? (Alias(answer, at) is null ? answer.Authorities.FirstOrDefault(r => r.Type == DnsType.Soa && at.IsAtOrBelow(r.Name)) : null);
            if (zone is { Name.LabelCount: > 0 })
            {
                return zone.Name;
            }
        }

        throw new DnsException($"No zone was found that holds {name}: no name above it has an SOA record. Check the name, and that the resolvers know its zone.");
    }

    /// <summary>The name servers of a zone with their addresses.</summary>
    /// <exception cref="DnsException">There are none, or nobody answers.</exception>
    public async Task<IReadOnlyList<NameServer>> FindServersAsync(DnsName zone, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(zone, DnsType.Ns, cancellationToken);
        var names = answer.Answers.Where(r => r.Type == DnsType.Ns && r.Name.Equals(zone)).Select(r => r.Data).OfType<DnsData.Name>().Select(n => n.Value).Distinct().Take(MaxNameServers).ToList();
        if (names.Count == 0)
        {
            throw new DnsException($"Zone {zone} has no NS record. Check the zone, and that the resolvers know it.");
        }

        return await Task.WhenAll(names.Select(async name => new NameServer(name, await FindAddressesAsync(name, cancellationToken))));
    }

    /// <summary>The addresses of a host; none where it has none.</summary>
    /// <exception cref="DnsException">Nobody answers.</exception>
    public async Task<IReadOnlyList<IPAddress>> FindAddressesAsync(DnsName host, CancellationToken cancellationToken)
        => [.. await AddressesAsync(host, DnsType.A, cancellationToken), .. await AddressesAsync(host, DnsType.Aaaa, cancellationToken)];

    /// <summary>The addresses of a host, and the name that its aliases lead to.</summary>
    /// <exception cref="DnsException">Nobody answers.</exception>
    public async Task<HostAddresses> LocateAsync(DnsName host, CancellationToken cancellationToken)
    {
        var target = await FollowAsync(host, cancellationToken);
        return new HostAddresses(target, await FindAddressesAsync(target, cancellationToken));
    }

    /// <summary>The CAA records that hold for a name: the closest ones at it or above it (RFC 8659, section 3).</summary>
    /// <exception cref="DnsException">Nobody answers; a CA would not issue then either.</exception>
    public async Task<AuthorizedIssuers> FindCaaAsync(DnsName name, CancellationToken cancellationToken)
    {
        for (var at = name; at is { LabelCount: > 0 }; at = at.Parent)
        {
            // Aliases are followed by the resolver, so that the records may stand at another name.
            DnsMessage answer;
            try
            {
                answer = await AskAsync(at, DnsType.Caa, cancellationToken);
            }
            catch (DnsException) when (at.LabelCount == 1)
            {
                // Resolvers inside a network may know its zones and nothing of the top-level domain above them, where no CAA record stands anyway.
                break;
            }

            var records = answer.Answers.Where(r => r.Type == DnsType.Caa).Select(r => r.Data).OfType<DnsData.Caa>().ToList();
            if (records.Count > 0)
            {
                return new AuthorizedIssuers(at, records);
            }
        }

        return new AuthorizedIssuers(null, []);
    }

    private static DnsName? Alias(DnsMessage answer, DnsName name)
        => answer.Answers.FirstOrDefault(r => r.Type == DnsType.Cname && r.Name.Equals(name))?.Data is DnsData.Name alias ? alias.Value : null;

    private async Task<IEnumerable<IPAddress>> AddressesAsync(DnsName host, DnsType type, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(host, type, cancellationToken);
        return answer.Answers.Where(r => r.Type == type).Select(r => r.Data).OfType<DnsData.Address>().Select(a => a.Value).Distinct();
    }

    /// <summary>Asks one resolver after the other until one knows.</summary>
    private async Task<DnsMessage> AskAsync(DnsName name, DnsType type, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        foreach (var resolver in resolvers)
        {
            try
            {
                var answer = await client.AskAsync(resolver, name, type, recurse: true, cancellationToken);
                if (answer.ResponseCode is DnsResponseCode.NoError or DnsResponseCode.NxDomain)
                {
                    return answer;
                }

                failures.Add($"{resolver} answers {answer.ResponseCode.ToString().ToUpperInvariant()}.");
            }
            catch (DnsException e)
            {
                failures.Add(e.Message);
            }
            catch (EgressDeniedException e) when (resolvers.Count > 1)
            {
                failures.Add(e.Message);
            }
        }

        throw new DnsException($"{name} {type.ToString().ToUpperInvariant()} could not be looked up: {string.Join(" ", failures)}");
    }
}

/// <summary>Where a host is.</summary>
/// <param name="Target">The name itself, or what it is an alias of.</param>
/// <param name="Addresses">None where the name has no address.</param>
public sealed record HostAddresses(DnsName Target, IReadOnlyList<IPAddress> Addresses);

/// <summary>CAA records and the name that they stand at; none and null where every CA may issue.</summary>
public sealed record AuthorizedIssuers(DnsName? At, IReadOnlyList<DnsData.Caa> Records);

/// <summary>A name server and where it is.</summary>
public sealed record NameServer(DnsName Name, IReadOnlyList<IPAddress> Addresses);
