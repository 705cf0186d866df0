using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns.AcmeDns;

/// <summary>
/// acme-dns: a name server with one call. It keeps the last two values of an account, which is enough for a wildcard and its apex, and
/// pushes them out by newer ones: there is nothing to take away.
/// </summary>
public sealed class AcmeDnsRecords(AcmeDnsConfig config, DnsApi api) : ITxtRecords
{
    public async Task<string?> AddAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        if (!record.Name.ToString().StartsWith($"{config.Account.Subdomain}.", StringComparison.OrdinalIgnoreCase))
        {
            throw new IssuanceException(
                IssuanceFailure.Failed,
                ChallengeReasons.DnsZoneNotFound,
                $"acme-dns writes at {config.Account.Subdomain} only, and the challenge is looked for at {record.Name}. Let {record.Name} be a CNAME to the full domain of the account, and leave followCname true.");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, $"{config.Endpoint.AbsoluteUri.TrimEnd('/')}/update");
        request.Headers.Add("X-Api-User", config.Account.User);
        request.Headers.Add("X-Api-Key", config.Account.Key);
        var body = JsonSerializer.Serialize(new AcmeDnsUpdate(config.Account.Subdomain, record.Value), AcmeDnsJsonContext.Default.AcmeDnsUpdate);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        await api.SendAsync(request, cancellationToken);
        return null;
    }

    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken) => Task.CompletedTask;
}

internal sealed record AcmeDnsUpdate(string Subdomain, string Txt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AcmeDnsUpdate))]
internal sealed partial class AcmeDnsJsonContext : JsonSerializerContext;
