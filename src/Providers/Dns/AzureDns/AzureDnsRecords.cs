using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Serialization;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Dns.Protocol;

namespace CertOperator.Providers.Dns.AzureDns;

/// <summary>
/// Writes records in Azure DNS (API version 2018-05-01), which knows sets of values only. Each write names the entity tag of the set that
/// it replaces; where somebody else has changed that in between it is refused, so no value is lost.
/// </summary>
public sealed class AzureDnsRecords(AzureDnsConfig config, DnsApi api, AccessTokens tokens, DnsLookup lookup) : ITxtRecords, ICnameRecords
{
    private const string Version = "2018-05-01";
    private const int MaxTries = 5;

    public async Task<string?> AddAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        await ChangeAsync(record.Name, "TXT", set => ValuesOf(set) is var values && values.Contains(record.Value) ? null : Set([.. values, record.Value]), cancellationToken);
        return null;
    }

    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken)
        => ChangeAsync(record.Name, "TXT", set => ValuesOf(set) is var values && values.Contains(record.Value) ? Set([.. values.Where(v => v != record.Value)]) : null, cancellationToken);

    public async Task<string?> SetAsync(CnameRecord record, CancellationToken cancellationToken)
    {
        await ChangeAsync(
            record.Name,
            "CNAME",
            set => string.Equals(set?.CnameRecord?.Cname?.TrimEnd('.'), record.Target.ToString(), StringComparison.OrdinalIgnoreCase)
                ? null
                : new AzureSetProperties(CnameRecord.TimeToLive, null) { CnameRecord = new AzureCname(record.Target.ToString()) },
            cancellationToken);
        return null;
    }

    private static IReadOnlyList<string> ValuesOf(AzureSetProperties? set) => [.. (set?.TxtRecords ?? []).Select(t => string.Concat(t.Value ?? []))];

    private static AzureSetProperties Set(string[] values) => new(TxtRecord.TimeToLive, [.. values.Select(v => new AzureTxt([v]))]);

    /// <param name="name">Whose set is changed.</param>
    /// <param name="type">Which of its sets.</param>
    /// <param name="change">The new set from the old one, without records to delete it; null to leave it.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    private async Task ChangeAsync(DnsName name, string type, Func<AzureSetProperties?, AzureSetProperties?> change, CancellationToken cancellationToken)
    {
        var url = await UrlOfAsync(name, type, cancellationToken);
        for (var i = 0; i < MaxTries; i++)
        {
            var (set, tag) = await FindAsync(url, cancellationToken);
            if (change(set) is not { } wanted)
            {
                return;
            }

            using var request = await RequestAsync(wanted.IsEmpty ? HttpMethod.Delete : HttpMethod.Put, url, cancellationToken);
            request.Headers.TryAddWithoutValidation(tag is null ? "If-None-Match" : "If-Match", tag ?? "*");
            request.Content = wanted.IsEmpty ? null : DnsApiJson.Content(new AzureSet(wanted, null), AzureJsonContext.Default.AzureSet);
            var answer = await api.SendAsync(request, cancellationToken, HttpStatusCode.PreconditionFailed, HttpStatusCode.Conflict);
            if (answer.Status is not (HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict))
            {
                return;
            }
        }

        throw api.Contended(name.ToString());
    }

    private async Task<(AzureSetProperties? Set, string? Tag)> FindAsync(string url, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(HttpMethod.Get, url, cancellationToken);
        var answer = await api.SendAsync(request, cancellationToken, HttpStatusCode.NotFound);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            // Of a zone that is not there Azure says ParentResourceNotFound or ResourceGroupNotFound; of a set, NotFound.
            return answer.Body.Contains("ResourceNotFound", StringComparison.Ordinal) || answer.Body.Contains("ResourceGroupNotFound", StringComparison.Ordinal)
                ? throw api.NoZone(url.Split("/dnsZones/")[^1].Split('/')[0], "Check dns01.azureDns.subscriptionId, resourceGroup and zoneName.")
                : (null, null);
        }

        var set = api.Read(answer, AzureJsonContext.Default.AzureSet);
        return (set.Properties, answer.ETag ?? set.Etag ?? throw api.Unexpected("a record set without an entity tag"));
    }

    private async Task<string> UrlOfAsync(DnsName name, string type, CancellationToken cancellationToken)
    {
        var zone = config.ZoneName is { } given ? DnsName.Parse(given) : await lookup.FindZoneAsync(name, cancellationToken);
        if (!name.IsAtOrBelow(zone))
        {
            throw api.NoZone(name.ToString(), $"It does not lie in {zone}: correct dns01.azureDns.zoneName, or leave it out.");
        }

        var relative = string.Join('.', name.ToString().Split('.').SkipLast(zone.LabelCount));
        return $"{config.Endpoint.AbsoluteUri.TrimEnd('/')}/subscriptions/{Uri.EscapeDataString(config.SubscriptionId)}/resourceGroups/{Uri.EscapeDataString(config.ResourceGroup)}"
            + $"/providers/Microsoft.Network/dnsZones/{Uri.EscapeDataString(zone.ToString())}/{type}/{Uri.EscapeDataString(relative.Length == 0 ? "@" : relative)}?api-version={Version}";
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string url, CancellationToken cancellationToken)
    {
        var endpoint = new Uri($"{config.Authority.AbsoluteUri.TrimEnd('/')}/{Uri.EscapeDataString(config.Application.TenantId)}/oauth2/v2.0/token");
        var token = await tokens.GetAsync(endpoint, _ => TokenRequest(), cancellationToken);
        return new HttpRequestMessage(method, url) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    /// <summary>The client credentials grant (RFC 6749, section 4.4).</summary>
    private Dictionary<string, string> TokenRequest()
        => new()
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = config.Application.ClientId,
            ["client_secret"] = config.Application.ClientSecret,
            ["scope"] = $"{config.Endpoint.GetLeftPart(UriPartial.Authority)}/.default",
        };
}

internal sealed record AzureSet(AzureSetProperties? Properties, string? Etag);

internal sealed record AzureSetProperties(
    [property: JsonPropertyName("TTL")] int Ttl,
    [property: JsonPropertyName("TXTRecords")] IReadOnlyList<AzureTxt>? TxtRecords)
{
    [JsonPropertyName("CNAMERecord")]
    public AzureCname? CnameRecord { get; init; }

    [JsonIgnore]
    public bool IsEmpty => CnameRecord is null && TxtRecords is null or { Count: 0 };
}

internal sealed record AzureCname(string? Cname);

internal sealed record AzureTxt(IReadOnlyList<string>? Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AzureSet))]
internal sealed partial class AzureJsonContext : JsonSerializerContext;
