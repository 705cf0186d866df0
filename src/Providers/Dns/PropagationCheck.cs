using System.Net;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Dns;

/// <summary>Looks whether every authoritative server of a zone serves a record: a CA may ask any of them.</summary>
/// <param name="client">Asks the servers themselves, past every cache.</param>
/// <param name="lookup">Finds them.</param>
/// <param name="port">Where name servers listen.</param>
public sealed class PropagationCheck(DnsClient client, DnsLookup lookup, int port)
{
    /// <returns>Null when all serve it; else a sentence that names one that does not.</returns>
    /// <exception cref="DnsException">The servers could not be found.</exception>
    /// <exception cref="EgressDeniedException">A server is only at addresses that may not be reached.</exception>
    public Task<string?> FindLaggardAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        return FindLaggardAsync(new Sought(record.Name, DnsType.Txt, data => data is DnsData.Text text && text.Value == record.Value), cancellationToken);
    }

    /// <inheritdoc cref="FindLaggardAsync(TxtRecord, CancellationToken)"/>
    public Task<string?> FindLaggardAsync(CnameRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        return FindLaggardAsync(new Sought(record.Name, DnsType.Cname, data => data is DnsData.Name name && name.Value.Equals(record.Target)), cancellationToken);
    }

    private async Task<string?> FindLaggardAsync(Sought record, CancellationToken cancellationToken)
    {
        var zone = await lookup.FindZoneAsync(record.Name, cancellationToken);
        var servers = await lookup.FindServersAsync(zone, cancellationToken);
        var found = await Task.WhenAll(servers.Select(s => CheckAsync(s, record, cancellationToken)));
        return found.FirstOrDefault(f => f is not null);
    }

    private async Task<string?> CheckAsync(NameServer server, Sought record, CancellationToken cancellationToken)
    {
        if (server.Addresses.Count == 0)
        {
            return $"Name server {server.Name} has no address.";
        }

        string? unreachable = null;
        EgressDeniedException? denied = null;
        var serves = false;
        foreach (var address in server.Addresses)
        {
            try
            {
                var one = new DnsServer(server.Name.ToString(), new IPEndPoint(address, port), Trusted: false);
                var answer = await client.AskAsync(one, record.Name, record.Type, recurse: false, cancellationToken);
                if (!answer.Answers.Any(r => r.Type == record.Type && r.Name.Equals(record.Name) && record.Fits(r.Data)))
                {
                    return answer.ResponseCode is DnsResponseCode.NoError or DnsResponseCode.NxDomain
                        ? $"{one} does not serve the {record.Type.ToString().ToUpperInvariant()} record of {record.Name} yet."
                        : $"{one} answers {answer.ResponseCode.ToString().ToUpperInvariant()} when it is asked for {record.Name}.";
                }

                serves = true;
            }
            catch (DnsException e)
            {
                // A host without IPv6 reaches no IPv6 address; that server's other address tells all the same.
                unreachable ??= e.Message;
            }
            catch (EgressDeniedException e)
            {
                denied ??= e;
            }
        }

        return serves ? null : unreachable ?? (denied is null ? null : throw denied);
    }

    private sealed record Sought(DnsName Name, DnsType Type, Func<DnsData, bool> Fits);
}
