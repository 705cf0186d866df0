using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Serialization.Metadata;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Dns.Protocol;

namespace CertOperator.Providers.Dns.GoogleCloudDns;

/// <summary>
/// Writes records in Google Cloud DNS (API version 1), which knows sets of values only. A change names the set that it replaces; where
/// somebody else has changed that in between it is refused, so no value is lost.
/// </summary>
public sealed class GoogleCloudDnsRecords(GoogleCloudDnsConfig config, DnsApi api, AccessTokens tokens) : ITxtRecords, ICnameRecords
{
    private const string Scope = "https://www.googleapis.com/auth/ndev.clouddns.readwrite";
    private const int MaxTries = 5;
    private const string Txt = "TXT";

    private string Base => $"{config.Endpoint.AbsoluteUri.TrimEnd('/')}/dns/v1/projects/{Uri.EscapeDataString(config.Project)}/managedZones";

    public Task<string?> AddAsync(TxtRecord record, CancellationToken cancellationToken)
        => ChangeAsync(record.Name, Txt, TxtRecord.TimeToLive, values => values.Select(Bare).Contains(record.Value) ? null : [.. values, $"\"{record.Value}\""], cancellationToken);

    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken)
        => ChangeAsync(record.Name, Txt, TxtRecord.TimeToLive, values => values.Select(Bare).Contains(record.Value) ? [.. values.Where(v => Bare(v) != record.Value)] : null, cancellationToken);

    public Task<string?> SetAsync(CnameRecord record, CancellationToken cancellationToken)
        => ChangeAsync(
            record.Name,
            "CNAME",
            CnameRecord.TimeToLive,
            values => values is [var one] && one.TrimEnd('.').Equals(record.Target.ToString(), StringComparison.OrdinalIgnoreCase) ? null : [$"{record.Target}."],
            cancellationToken);

    /// <param name="change">ZONE/ID, as <see cref="AddAsync"/> gave it.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<bool> IsAppliedAsync(string change, CancellationToken cancellationToken)
    {
        var parts = change.Split('/');
        var state = await GetAsync($"{Base}/{parts[0]}/changes/{parts[1]}", GoogleJsonContext.Default.GoogleChangeState, cancellationToken);
        return state.Status == "done";
    }

    /// <param name="record">Whose set is changed.</param>
    /// <param name="type">Which of its sets.</param>
    /// <param name="timeToLive">In seconds.</param>
    /// <param name="change">The new values from the old ones, as they are written; null to leave them.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    private async Task<string?> ChangeAsync(DnsName record, string type, int timeToLive, Func<IReadOnlyList<string>, string[]?> change, CancellationToken cancellationToken)
    {
        var zone = Uri.EscapeDataString(config.ManagedZone ?? await FindZoneAsync(record, cancellationToken));
        var name = $"{record}.";
        for (var i = 0; i < MaxTries; i++)
        {
            var sets = await GetAsync($"{Base}/{zone}/rrsets?name={Uri.EscapeDataString(name)}&type={type}", GoogleJsonContext.Default.GoogleSets, cancellationToken);
            var set = sets.Rrsets?.FirstOrDefault(s => s.Type == type && s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (change(set?.Rrdatas ?? []) is not { } values)
            {
                return null;
            }

            var body = new GoogleChange(
                values.Length == 0 ? null : [new GoogleSet(name, type, timeToLive, values)],
                set is null ? null : [set]);
            using var request = await RequestAsync(HttpMethod.Post, $"{Base}/{zone}/changes", cancellationToken);
            request.Content = DnsApiJson.Content(body, GoogleJsonContext.Default.GoogleChange);
            var answer = await api.SendAsync(request, cancellationToken, HttpStatusCode.Conflict, HttpStatusCode.PreconditionFailed, HttpStatusCode.NotFound);
            if (answer.Status == HttpStatusCode.OK)
            {
                return api.Read(answer, GoogleJsonContext.Default.GoogleChangeState).Id is { } id ? $"{zone}/{Uri.EscapeDataString(id)}" : throw api.Unexpected("no id of the change");
            }
        }

        throw api.Contended(record.ToString());
    }

    private static string Bare(string value) => value.Trim('"');

    /// <summary>The closest public zone above the name.</summary>
    private async Task<string> FindZoneAsync(DnsName name, CancellationToken cancellationToken)
    {
        for (var at = name; at is { LabelCount: > 0 }; at = at.Parent)
        {
            var zones = await GetAsync($"{Base}?dnsName={Uri.EscapeDataString($"{at}.")}", GoogleJsonContext.Default.GoogleZones, cancellationToken);
            if (zones.ManagedZones?.FirstOrDefault(z => z.Visibility != "private") is { } zone)
            {
                return zone.Name;
            }
        }

        throw api.NoZone(name.ToString(), $"Create a public managed zone in project {config.Project}, or set dns01.googleCloudDns.project and managedZone.");
    }

    private async Task<T> GetAsync<T>(string url, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(HttpMethod.Get, url, cancellationToken);
        return api.Read(await api.SendAsync(request, cancellationToken), type);
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string url, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(new Uri(config.Account.TokenUri!), now => config.Account.TokenRequest(Scope, now), cancellationToken);
        return new HttpRequestMessage(method, url) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }
}
