using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertOperator.Providers.Gcp;

/// <summary>A service account's key, as the JSON file from Google Cloud holds it.</summary>
public sealed record GoogleServiceAccount
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    [JsonPropertyName("client_email")]
    public string? ClientEmail { get; init; }

    [JsonPropertyName("private_key")]
    public string? PrivateKey { get; init; }

    [JsonPropertyName("private_key_id")]
    public string? PrivateKeyId { get; init; }

    [JsonPropertyName("project_id")]
    public string? ProjectId { get; init; }

    [JsonPropertyName("token_uri")]
    public string? TokenUri { get; init; }

    /// <exception cref="FormatException">The text is no such file; the message is a clause.</exception>
    public static GoogleServiceAccount Parse(string json)
    {
        GoogleServiceAccount? account;
        try
        {
            account = JsonSerializer.Deserialize(json, GoogleAccountJsonContext.Default.GoogleServiceAccount);
        }
        catch (JsonException)
        {
            throw new FormatException("is no JSON");
        }

        if (account is not { ClientEmail.Length: > 0, PrivateKey.Length: > 0 })
        {
            throw new FormatException("has no client_email and private_key");
        }

        if (!Uri.TryCreate(account.TokenUri, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
        {
            throw new FormatException("has no https token_uri");
        }

        // A public key can be read as well, and signs nothing.
        account.WithKey(key => key.SignData([], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return account;
    }

    /// <summary>The form that exchanges a signed assertion for a token (RFC 7523, section 2.1).</summary>
    /// <param name="scope">What the token is for.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyDictionary<string, string> TokenRequest(string scope, DateTimeOffset now)
    {
        var header = JsonSerializer.Serialize(new GoogleJwtHeader("RS256", "JWT", PrivateKeyId), GoogleAccountJsonContext.Default.GoogleJwtHeader);
        var claims = JsonSerializer.Serialize(
            new GoogleJwtClaims(ClientEmail!, scope, TokenUri!, now.ToUnixTimeSeconds(), (now + Lifetime).ToUnixTimeSeconds()),
            GoogleAccountJsonContext.Default.GoogleJwtClaims);
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        var signature = WithKey(key => key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return new Dictionary<string, string>
        {
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ["assertion"] = $"{signed}.{Base64Url.EncodeToString(signature)}",
        };
    }

    public override string ToString() => $"GoogleServiceAccount {{ {ClientEmail} }}";

    private T WithKey<T>(Func<RSA, T> use)
    {
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(PrivateKey);
            return use(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new FormatException("has a private_key that is no RSA key in PEM");
        }
    }
}

internal sealed record GoogleJwtHeader(string Alg, string Typ, string? Kid);

internal sealed record GoogleJwtClaims(string Iss, string Scope, string Aud, long Iat, long Exp);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GoogleServiceAccount))]
[JsonSerializable(typeof(GoogleJwtHeader))]
[JsonSerializable(typeof(GoogleJwtClaims))]
internal sealed partial class GoogleAccountJsonContext : JsonSerializerContext;
