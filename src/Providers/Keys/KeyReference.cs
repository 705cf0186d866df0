using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertOperator.Providers.Keys;

/// <summary>Says where a private key is kept. No secret; it stands in the Secret beside the certificate where the key itself does not.</summary>
public sealed record KeyReference
{
    /// <summary>One of <see cref="KeyPlaces"/>.</summary>
    public required string Place { get; init; }

    /// <summary>The key: its ARN in KMS, the URL of the key in Vault, the certificate's ARN or name where the CA keeps the key.</summary>
    public required string Key { get; init; }

    /// <summary>Its version; null where the backend has none.</summary>
    public string? Version { get; init; }

    /// <summary>SHA-256 of the public key in DER, hexadecimal.</summary>
    public required string PublicKeySha256 { get; init; }

    /// <summary>Fingerprint of a public key, as <see cref="PublicKeySha256"/> has it.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> subjectPublicKeyInfo) => Convert.ToHexStringLower(SHA256.HashData(subjectPublicKeyInfo));

    public string ToJson() => JsonSerializer.Serialize(this, KeyReferenceJsonContext.Default.KeyReference);

    /// <returns>Null where the text is no reference.</returns>
    public static KeyReference? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, KeyReferenceJsonContext.Default.KeyReference);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Values of <see cref="KeyReference.Place"/>; part of the API, so they do not change.</summary>
public static class KeyPlaces
{
    public const string VaultTransit = "vault_transit";
    public const string VaultKv = "vault_kv";
    public const string AwsKms = "aws_kms";
    public const string AwsAcm = "aws_acm";
    public const string GcpCm = "gcp_cm";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyReference))]
internal sealed partial class KeyReferenceJsonContext : JsonSerializerContext;
