using System.Net;
using System.Net.Sockets;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns.Rfc2136;

/// <summary>Writes records by dynamic updates (RFC 2136), signed with TSIG where the server has a key for that.</summary>
public sealed class Rfc2136Records(Rfc2136Config config, DnsClient client, DnsLookup lookup, IAddressResolver addresses) : ITxtRecords, ICnameRecords
{
    private const int BadSignature = 16;
    private const int BadKey = 17;
    private const int BadTime = 18;

    public async Task<string?> AddAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        await UpdateAsync(record.Name, [new DnsRecord(record.Name, DnsType.Txt, DnsClass.Internet, TxtRecord.TimeToLive, new DnsData.Text(record.Value))], cancellationToken);
        return null;
    }

    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken)
        => UpdateAsync(record.Name, [new DnsRecord(record.Name, DnsType.Txt, DnsClass.None, 0, new DnsData.Text(record.Value))], cancellationToken);

    public async Task<string?> SetAsync(CnameRecord record, CancellationToken cancellationToken)
    {
        // Deletes the set, then adds to it, all in one (RFC 2136, section 2.5).
        await UpdateAsync(
            record.Name,
            [
                new DnsRecord(record.Name, DnsType.Cname, DnsClass.Any, 0, new DnsData.Other()),
                new DnsRecord(record.Name, DnsType.Cname, DnsClass.Internet, CnameRecord.TimeToLive, new DnsData.Name(record.Target)),
            ],
            cancellationToken);
        return null;
    }

    private async Task UpdateAsync(DnsName name, IReadOnlyList<DnsRecord> changes, CancellationToken cancellationToken)
    {
        var zone = await lookup.FindZoneAsync(name, cancellationToken);
        var failures = new List<string>();
        foreach (var address in await ResolveAsync(cancellationToken))
        {
            var server = new DnsServer(config.Server.Host, new IPEndPoint(address, config.Server.Port), Trusted: false);
            try
            {
                var answer = await client.UpdateAsync(server, zone, changes, config.Key, cancellationToken);
                if (answer.ResponseCode != DnsResponseCode.NoError)
                {
                    throw Refusal(server, zone, answer);
                }

                return;
            }
            catch (DnsException e)
            {
                failures.Add(e.Message);
            }
        }

        throw new IssuanceException(IssuanceFailure.Transient, ChallengeReasons.DnsServerUnreachable, $"The update of zone {zone} failed: {string.Join(" ", failures)}");
    }

    private async Task<IReadOnlyList<IPAddress>> ResolveAsync(CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(config.Server.Host, out var literal))
        {
            return [literal];
        }

        try
        {
            return await addresses.ResolveAsync(config.Server.Host, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new IssuanceException(IssuanceFailure.Transient, ChallengeReasons.DnsServerUnreachable, $"The name server {config.Server.Host} does not resolve ({e.SocketErrorCode}). Check dns01.rfc2136.server.", inner: e);
        }
    }

    private IssuanceException Refusal(DnsServer server, DnsName zone, DnsMessage answer)
    {
        var key = config.Key is null ? "" : $" with key {config.Key.Name} ({config.Key.Algorithm})";
        var code = answer.ResponseCode.ToString().ToUpperInvariant();
        var (failure, reason, text) = (answer.ResponseCode, answer.Tsig?.Error) switch
        {
            (DnsResponseCode.NotAuth, BadSignature) => (IssuanceFailure.Failed, ChallengeReasons.DnsKeyRefused, "BADSIG: the secret is not the one that the server has for that key. Correct the Secret of dns01.rfc2136.tsigSecretName, or dns01.rfc2136.tsigAlgorithm."),
            (DnsResponseCode.NotAuth, BadKey) => (IssuanceFailure.Failed, ChallengeReasons.DnsKeyRefused, "BADKEY: the server knows no key of that name and algorithm. Correct dns01.rfc2136.tsigKeyName or tsigAlgorithm, or add the key to the server."),
            (DnsResponseCode.NotAuth, BadTime) => (IssuanceFailure.Transient, ChallengeReasons.DnsKeyRefused, "BADTIME: its clock and this host's are more than five minutes apart. Set both."),
            (DnsResponseCode.NotAuth, _) => (IssuanceFailure.Failed, ChallengeReasons.DnsUpdateRefused, "the server is not authoritative for that zone, or takes no key. Name the zone's primary server in dns01.rfc2136.server."),
            (DnsResponseCode.Refused, _) => (IssuanceFailure.Failed, ChallengeReasons.DnsUpdateRefused, $"the server does not allow that update. Allow {(config.Key is null ? "this host" : $"key {config.Key.Name}")} to change TXT and CNAME records of the zone, in BIND by update-policy."),
            (DnsResponseCode.NotZone, _) => (IssuanceFailure.Failed, ChallengeReasons.DnsUpdateRefused, "the record does not lie in the zone."),
            (DnsResponseCode.NotImp, _) => (IssuanceFailure.Failed, ChallengeReasons.DnsUpdateRefused, "the server takes no updates at all."),
            (DnsResponseCode.FormErr, _) => (IssuanceFailure.Failed, ChallengeReasons.DnsUpdateRefused, "the server does not understand the update."),
            _ => (IssuanceFailure.Transient, ChallengeReasons.DnsUpdateRefused, "the server has a fault; the operator tries again."),
        };
        return new IssuanceException(failure, reason, $"{server} refused the update of zone {zone}{key} with {code}: {text}");
    }
}
