using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns.Cloudflare;

/// <summary>Writes records through Cloudflare's API, version 4, where each value is an object of its own.</summary>
public sealed class CloudflareRecords(CloudflareConfig config, DnsApi api) : ITxtRecords, ICnameRecords
{
    /// <summary>The same value is there already.</summary>
    private const int IdenticalRecordExists = 81058;

    private string Base => config.Endpoint.AbsoluteUri.TrimEnd('/');

    public async Task<string?> AddAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        var zone = await FindZoneAsync(record.Name, cancellationToken);
        if ((await FindAsync(zone, "TXT", record.Name, cancellationToken)).Any(r => IsValue(r, record)))
        {
            return null;
        }

        await WriteAsync(
            HttpMethod.Post,
            $"{Base}/zones/{zone}/dns_records",
            new CloudflareNewRecord("TXT", record.Name.ToString(), $"\"{record.Value}\"", TxtRecord.TimeToLive, "CertOperator: challenge of an ACME certificate authority"),
            cancellationToken);
        return null;
    }

    public async Task<string?> SetAsync(CnameRecord record, CancellationToken cancellationToken)
    {
        var zone = await FindZoneAsync(record.Name, cancellationToken);
        var existing = await FindAsync(zone, "CNAME", record.Name, cancellationToken) is [var first, ..] ? first : null;
        if (existing is not null && string.Equals(existing.Content.TrimEnd('.'), record.Target.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // Through Cloudflare's proxy the name would not answer with a CNAME.
        await WriteAsync(
            existing is null ? HttpMethod.Post : HttpMethod.Put,
            existing is null ? $"{Base}/zones/{zone}/dns_records" : $"{Base}/zones/{zone}/dns_records/{Uri.EscapeDataString(existing.Id)}",
            new CloudflareNewRecord("CNAME", record.Name.ToString(), record.Target.ToString(), CnameRecord.TimeToLive, "CertOperator: lets a certificate be issued and renewed") { Proxied = false },
            cancellationToken);
        return null;
    }

    private async Task WriteAsync(HttpMethod method, string url, CloudflareNewRecord record, CancellationToken cancellationToken)
    {
        using var request = Request(method, url, JsonSerializer.Serialize(record, CloudflareJsonContext.Default.CloudflareNewRecord));
        var answer = await api.SendAsync(request, cancellationToken, HttpStatusCode.BadRequest);
        var result = api.Read(answer, CloudflareJsonContext.Default.CloudflareAnswerCloudflareRecord);
        if (!result.Success && result.Errors?.Any(e => e.Code == IdenticalRecordExists) != true)
        {
            throw new IssuanceException(IssuanceFailure.Failed, ChallengeReasons.DnsApiRefused, $"Cloudflare refused the record {record.Name}: {Sentence(result.Errors)}");
        }
    }

    public async Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        var zone = await FindZoneAsync(record.Name, cancellationToken);
        foreach (var id in (await FindAsync(zone, "TXT", record.Name, cancellationToken)).Where(r => IsValue(r, record)).Select(r => r.Id))
        {
            using var request = Request(HttpMethod.Delete, $"{Base}/zones/{zone}/dns_records/{Uri.EscapeDataString(id)}");
            await api.SendAsync(request, cancellationToken, HttpStatusCode.NotFound);
        }
    }

    /// <summary>The closest zone above the name that the token may see.</summary>
    private async Task<string> FindZoneAsync(DnsName name, CancellationToken cancellationToken)
    {
        for (var at = name; at is { LabelCount: > 1 }; at = at.Parent)
        {
            using var request = Request(HttpMethod.Get, $"{Base}/zones?name={Uri.EscapeDataString(at.ToString())}");
            var zones = api.Read(await api.SendAsync(request, cancellationToken), CloudflareJsonContext.Default.CloudflareAnswerCloudflareZoneArray);
            if (zones.Result is [var zone, ..])
            {
                return Uri.EscapeDataString(zone.Id);
            }
        }

        throw api.NoZone(name.ToString(), "Add the zone to the account, or give the token the permission Zone:Read for it.");
    }

    private async Task<IReadOnlyList<CloudflareRecord>> FindAsync(string zone, string type, DnsName name, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, $"{Base}/zones/{zone}/dns_records?type={type}&name={Uri.EscapeDataString(name.ToString())}&per_page=100");
        var found = api.Read(await api.SendAsync(request, cancellationToken), CloudflareJsonContext.Default.CloudflareAnswerCloudflareRecordArray);
        return found.Result ?? [];
    }

    private static bool IsValue(CloudflareRecord found, TxtRecord record) => found.Content.Trim('"') == record.Value;

    private HttpRequestMessage Request(HttpMethod method, string url, string? body = null)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", config.Token);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return request;
    }

    private static string Sentence(IReadOnlyList<CloudflareError>? errors)
        => DnsApi.Excerpt(errors is { Count: > 0 } ? string.Join("; ", errors.Select(e => $"{e.Message} ({e.Code})")) : "it does not say why") + ".";
}

internal sealed record CloudflareNewRecord(string Type, string Name, string Content, int Ttl, string Comment)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Proxied { get; init; }
}

internal sealed record CloudflareZone(string Id);

internal sealed record CloudflareRecord(string Id, string Content);

internal sealed record CloudflareError(int Code, string Message);

internal sealed record CloudflareAnswer<T>(bool Success, IReadOnlyList<CloudflareError>? Errors, T? Result);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CloudflareNewRecord))]
[JsonSerializable(typeof(CloudflareAnswer<CloudflareRecord>))]
[JsonSerializable(typeof(CloudflareAnswer<CloudflareZone[]>))]
[JsonSerializable(typeof(CloudflareAnswer<CloudflareRecord[]>))]
internal sealed partial class CloudflareJsonContext : JsonSerializerContext;
