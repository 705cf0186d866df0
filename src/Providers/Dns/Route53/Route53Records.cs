using System.Net;
using System.Text;
using System.Xml.Linq;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns.Route53;

/// <summary>
/// Writes records in Amazon Route 53 (API version 2013-04-01), which knows sets of values only. A change deletes the set as it was read
/// and creates the new one in one batch: where somebody else has changed it in between the whole batch is refused, so no value is lost.
/// </summary>
public sealed class Route53Records(Route53Config config, DnsApi api, TimeProvider timeProvider) : ITxtRecords, ICnameRecords
{
    private const int MaxTries = 5;

    public Task<string?> AddAsync(TxtRecord record, CancellationToken cancellationToken)
        => ChangeAsync(record.Name, Route53Type.Txt, values => values.Contains(record.Value) ? null : [.. values, record.Value], cancellationToken);

    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken)
        => ChangeAsync(record.Name, Route53Type.Txt, values => values.Contains(record.Value) ? [.. values.Where(v => v != record.Value)] : null, cancellationToken);

    public Task<string?> SetAsync(CnameRecord record, CancellationToken cancellationToken)
        => ChangeAsync(
            record.Name,
            Route53Type.Cname,
            values => values is [var one] && one.TrimEnd('.').Equals(record.Target.ToString(), StringComparison.OrdinalIgnoreCase) ? null : [$"{record.Target}."],
            cancellationToken);

    public async Task<bool> IsAppliedAsync(string change, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, $"/2013-04-01/change/{Uri.EscapeDataString(change)}", "", cancellationToken);
        return Route53Xml.StatusOf(answer, api) == "INSYNC";
    }

    /// <param name="name">Whose set is changed.</param>
    /// <param name="type">Which of its sets.</param>
    /// <param name="change">The new values from the old ones; null to leave them.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    private async Task<string?> ChangeAsync(DnsName name, Route53Type type, Func<IReadOnlyList<string>, string[]?> change, CancellationToken cancellationToken)
    {
        var zone = config.HostedZoneId ?? await FindZoneAsync(name, cancellationToken);
        for (var i = 0; i < MaxTries; i++)
        {
            var set = await FindSetAsync(zone, name, type, cancellationToken);
            if (change(set?.Values ?? []) is not { } values)
            {
                return null;
            }

            var body = Route53Xml.Change(name, type, set, values);
            var answer = await SendAsync(HttpMethod.Post, $"/2013-04-01/hostedzone/{zone}/rrset/", body, cancellationToken, HttpStatusCode.BadRequest);
            if (answer.Status != HttpStatusCode.BadRequest)
            {
                return Route53Xml.ChangeIdOf(answer, api);
            }

            if (Route53Xml.IsThrottled(answer))
            {
                throw new IssuanceException(IssuanceFailure.Transient, ChallengeReasons.DnsApiError, "Route 53 is asked too often, or has an earlier change of the zone to complete; the operator tries again.");
            }

            if (!Route53Xml.IsConflict(answer))
            {
                throw new IssuanceException(IssuanceFailure.Failed, ChallengeReasons.DnsApiRefused, $"Route 53 refused the change of {name}: {DnsApi.Excerpt(answer.Body)}");
            }
        }

        throw api.Contended(name.ToString());
    }

    /// <summary>The closest public zone above the name.</summary>
    private async Task<string> FindZoneAsync(DnsName name, CancellationToken cancellationToken)
    {
        for (var at = name; at is { LabelCount: > 0 }; at = at.Parent)
        {
            var answer = await SendAsync(HttpMethod.Get, $"/2013-04-01/hostedzonesbyname?dnsname={Uri.EscapeDataString($"{at}.")}&maxitems=10", "", cancellationToken);
            if (Route53Xml.PublicZoneOf(answer, at, api) is { } zone)
            {
                return Uri.EscapeDataString(zone);
            }
        }

        throw api.NoZone(name.ToString(), "Create a public hosted zone, allow route53:ListHostedZonesByName, or set dns01.route53.hostedZoneId.");
    }

    private async Task<Route53Set?> FindSetAsync(string zone, DnsName name, Route53Type type, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, $"/2013-04-01/hostedzone/{zone}/rrset?maxitems=1&name={Uri.EscapeDataString($"{name}.")}&type={type.Name}", "", cancellationToken);
        return Route53Xml.SetOf(answer, name, type, api);
    }

    private async Task<DnsApiAnswer> SendAsync(HttpMethod method, string pathAndQuery, string body, CancellationToken cancellationToken, params HttpStatusCode[] expected)
    {
        using var request = new HttpRequestMessage(method, new Uri(config.Endpoint, pathAndQuery));
        request.Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "text/xml");
        AwsRequestSigner.Sign(request, Encoding.UTF8.GetBytes(body), config.AccessKey, config.Region, "route53", timeProvider.GetUtcNow());
        return await api.SendAsync(request, cancellationToken, expected);
    }
}

/// <summary>A type of records: how its values are written.</summary>
internal sealed record Route53Type(string Name, int TimeToLive, bool IsQuoted)
{
    public static readonly Route53Type Txt = new("TXT", TxtRecord.TimeToLive, IsQuoted: true);

    public static readonly Route53Type Cname = new("CNAME", CnameRecord.TimeToLive, IsQuoted: false);
}

/// <summary>A set of values as Route 53 has it.</summary>
internal sealed record Route53Set(XElement Xml, IReadOnlyList<string> Values);
