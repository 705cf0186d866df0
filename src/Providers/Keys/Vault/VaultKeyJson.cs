using System.Text.Json;
using System.Text.Json.Serialization;
using CertOperator.Providers.Vault;

namespace CertOperator.Providers.Keys.Vault;

/// <summary>A key in Transit. Versions of asymmetric keys are objects, those of others numbers.</summary>
internal sealed record TransitKeyData(string? Type, IReadOnlyDictionary<string, JsonElement>? Keys, int LatestVersion, int MinDecryptionVersion, int MinEncryptionVersion);

internal sealed record TransitKeyVersion(string? PublicKey);

internal sealed record TransitKeyRequest(string Type, bool Exportable);

internal sealed record TransitSignRequest(string Input, bool Prehashed, string HashAlgorithm, int KeyVersion, string? MarshalingAlgorithm, string? SignatureAlgorithm);

internal sealed record TransitSignature(string? Signature);

internal sealed record TransitKeyConfig(int MinDecryptionVersion, int MinEncryptionVersion);

internal sealed record TransitDecryptRequest(string Ciphertext);

internal sealed record TransitPlaintext(string? Plaintext)
{
    public override string ToString() => nameof(TransitPlaintext);
}

/// <summary>A version of a secret in KV; data is absent where it was deleted.</summary>
internal sealed record KvSecret(IReadOnlyDictionary<string, JsonElement>? Data, KvMetadata? Metadata)
{
    public override string ToString() => nameof(KvSecret);
}

internal sealed record KvMetadata(int Version);

internal sealed record KvWrite(KvOptions Options, IReadOnlyDictionary<string, string> Data)
{
    public override string ToString() => nameof(KvWrite);
}

internal sealed record KvOptions(int Cas);

internal sealed record KvVersions(IReadOnlyList<int> Versions);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VaultEnvelope<TransitKeyData>))]
[JsonSerializable(typeof(TransitKeyVersion))]
[JsonSerializable(typeof(VaultEnvelope<TransitSignature>))]
[JsonSerializable(typeof(VaultEnvelope<KvSecret>))]
[JsonSerializable(typeof(VaultEnvelope<KvMetadata>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(TransitKeyRequest))]
[JsonSerializable(typeof(TransitSignRequest))]
[JsonSerializable(typeof(TransitKeyConfig))]
[JsonSerializable(typeof(TransitDecryptRequest))]
[JsonSerializable(typeof(VaultEnvelope<TransitPlaintext>))]
[JsonSerializable(typeof(KvWrite))]
[JsonSerializable(typeof(KvVersions))]
internal sealed partial class VaultKeyJsonContext : JsonSerializerContext;
