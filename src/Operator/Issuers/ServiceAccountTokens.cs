using System.Buffers.Text;
using System.Text.Json;

namespace CertOperator.Operator.Issuers;

/// <summary>Reads what a service account's token says of itself (RFC 7519, section 4.1). Pure.</summary>
public static class ServiceAccountTokens
{
    /// <returns>Whom the token is for; null for a token that does not say.</returns>
    public static IReadOnlyList<string>? FindAudiences(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.') is [_, var payload, _] ? payload : ""));
            var audience = claims.RootElement.GetProperty("aud");
            return audience.ValueKind == JsonValueKind.Array
                ? [.. audience.EnumerateArray().Select(a => a.GetString()).OfType<string>()]
                : audience.GetString() is { } single ? [single] : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
