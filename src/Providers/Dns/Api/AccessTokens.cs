using System.Text.Json.Serialization;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns.Api;

/// <summary>Gets access tokens from an OAuth 2.0 token endpoint (RFC 6749, section 5.1) and keeps the last one until shortly before its end.</summary>
public sealed class AccessTokens(DnsApi api, TimeProvider timeProvider)
{
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(1);

    private string? _token;
    private DateTimeOffset _end;

    /// <param name="endpoint">The token endpoint.</param>
    /// <param name="form">Makes the fields of the request, when one is needed.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="IssuanceException">The endpoint refused or cannot be reached.</exception>
    public async Task<string> GetAsync(Uri endpoint, Func<DateTimeOffset, IReadOnlyDictionary<string, string>> form, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        if (_token is not null && now < _end)
        {
            return _token;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Content = new FormUrlEncodedContent(form(now));
        var token = api.Read(await api.SendAsync(request, cancellationToken), AccessTokenJsonContext.Default.AccessToken);
        if (token.Value is not { Length: > 0 } value || value.Any(c => c is <= ' ' or > '~'))
        {
            throw api.Unexpected("no access token");
        }

        _token = value;
        _end = now + TimeSpan.FromSeconds(Math.Clamp(token.ExpiresIn, 0, 86_400)) - Reserve;
        return value;
    }
}

internal sealed record AccessToken(
    [property: JsonPropertyName("access_token")] string? Value,
    [property: JsonPropertyName("expires_in")] int ExpiresIn);

[JsonSerializable(typeof(AccessToken))]
internal sealed partial class AccessTokenJsonContext : JsonSerializerContext;
