using System.Globalization;
using System.Text.Json;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys.Vault;

/// <summary>What Transit says of a key: its type and the versions that it still has.</summary>
internal sealed record TransitKeyState
{
    public required string Type { get; init; }

    public required int Latest { get; init; }

    /// <summary>Older versions sign no more; 0 where there is no such limit.</summary>
    public required int OldestForSigning { get; init; }

    public required int OldestForVerifying { get; init; }

    /// <summary>Public keys in PEM by version; empty for a key without any.</summary>
    public required IReadOnlyDictionary<int, string> PublicKeys { get; init; }

    /// <returns>Null where the answer lacks what every key has.</returns>
    public static TransitKeyState? From(TransitKeyData data)
    {
        if (data.Type is null || data.Keys is null)
        {
            return null;
        }

        var versions = new Dictionary<int, string>();
        var latest = data.LatestVersion;
        foreach (var (name, value) in data.Keys)
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && PublicKeyOf(value) is { Length: > 0 } pem)
            {
                versions[version] = pem;
                latest = Math.Max(latest, version);
            }
        }

        return new TransitKeyState
        {
            Type = data.Type,
            Latest = latest,
            OldestForSigning = data.MinEncryptionVersion,
            OldestForVerifying = data.MinDecryptionVersion,
            PublicKeys = versions,
        };
    }

    /// <summary>The public key of a version; null where there is none that could be used.</summary>
    public PublicKeyFacts? Find(int version)
    {
        try
        {
            return PublicKeys.TryGetValue(version, out var pem) ? PublicKeyFacts.FromPem(pem) : null;
        }
        catch (PkiException)
        {
            return null;
        }
    }

    /// <summary>The version with this public key; null where there is none.</summary>
    public int? FindVersion(string publicKeySha256)
        => PublicKeys.Keys.OrderDescending().Cast<int?>().FirstOrDefault(v => Find(v!.Value)?.Sha256 == publicKeySha256);

    /// <summary>The type that Transit has for a wanted key.</summary>
    public static string TypeOf(KeyWish wish) => (wish.Algorithm, wish.Size) switch
    {
        (KeyAlgorithm.Ecdsa, 256) => "ecdsa-p256",
        (KeyAlgorithm.Ecdsa, 384) => "ecdsa-p384",
        (KeyAlgorithm.Rsa, 2048) => "rsa-2048",
        (KeyAlgorithm.Rsa, 3072) => "rsa-3072",
        (KeyAlgorithm.Rsa, 4096) => "rsa-4096",
        _ => throw new ArgumentException($"Transit has no {wish.Algorithm} keys of {wish.Size.ToString(CultureInfo.InvariantCulture)} bits.", nameof(wish)),
    };

    /// <summary>Versions of keys that do not sign are numbers.</summary>
    private static string? PublicKeyOf(JsonElement version)
    {
        try
        {
            return version.ValueKind == JsonValueKind.Object ? version.Deserialize(VaultKeyJsonContext.Default.TransitKeyVersion)?.PublicKey : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
