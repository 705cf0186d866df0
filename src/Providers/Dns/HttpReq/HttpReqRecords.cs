using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertOperator.Providers.Dns.Api;

namespace CertOperator.Providers.Dns.HttpReq;

/// <summary>The small protocol that lego calls httpreq: POST to present and cleanup. Whoever implements it has a solver for any DNS provider.</summary>
public sealed class HttpReqRecords(HttpReqConfig config, DnsApi api) : ITxtRecords
{
    public async Task<string?> AddAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        await PostAsync("present", record, cancellationToken);
        return null;
    }

    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken) => PostAsync("cleanup", record, cancellationToken);

    private async Task PostAsync(string action, TxtRecord record, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{config.Endpoint.AbsoluteUri.TrimEnd('/')}/{action}");
        var body = JsonSerializer.Serialize(new HttpReqBody($"{record.Name}.", record.Value), HttpReqJsonContext.Default.HttpReqBody);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (config.User is { } user)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.Name}:{user.Password}")));
        }

        await api.SendAsync(request, cancellationToken);
    }
}

internal sealed record HttpReqBody(string Fqdn, string Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HttpReqBody))]
internal sealed partial class HttpReqJsonContext : JsonSerializerContext;
