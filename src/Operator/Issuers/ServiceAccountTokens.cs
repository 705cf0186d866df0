using System.Buffers.Text;
using System.Text.Json;

namespace CertOperator.Operator.Issuers;

/// <summary>
/// Looks at a service account's token before it leaves the cluster. Whoever may write policies names both the audience and the server that
/// it is sent to; one that the API server itself takes would make that person the service account. Pure.
/// </summary>
public static class ServiceAccountTokens
{
    /// <returns>A sentence that says what is wrong; null for a token that may be sent.</returns>
    public static string? FindProblem(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.') is [_, var payload, _] ? payload : ""));
            var root = claims.RootElement;
            var issuer = root.GetProperty("iss").GetString();
            var audiences = root.GetProperty("aud") is { ValueKind: JsonValueKind.Array } several ? several.EnumerateArray().Select(a => a.GetString()) : [root.GetProperty("aud").GetString()];
            // Unless it is told otherwise, the API server takes what is for its issuer.
            return audiences.Contains(issuer)
                ? $"a token for {issuer} is one for the API server itself and is not sent anywhere. Name an audience that only Vault has, and the same in the role of its auth method."
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return "the API server gave out a token that cannot be looked into, which is not sent anywhere.";
        }
    }
}
