using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CertOperator.TestSupport.Vault;

/// <summary>A Transit engine with real keys, for the part of its API that has to do with signing and with decrypting.</summary>
public sealed partial class FakeTransit : IFakeEngine
{
    public Dictionary<string, FakeTransitKey> Keys { get; } = [];

    /// <summary>Changes signatures on their way out.</summary>
    public Func<byte[], byte[]> Spoil { get; set; } = signature => signature;

    // Its paths do not tell Vault whether there is something already, so every write is an update.
    public bool IsCreation(string path) => false;

    public FakeVaultReply Handle(FakeVaultRequest request)
    {
        var match = Route().Match(request.Path);
        if (!match.Success)
        {
            throw new FakeVaultException(404, "1 error occurred:\n\t* unsupported path\n\n");
        }

        var name = match.Groups["name"].Value;
        return (request.Method, match.Groups["kind"].Value, match.Groups["action"].Value) switch
        {
            ("GET", "keys", "") => Keys.TryGetValue(name, out var key) ? new FakeVaultReply(Describe(name, key)) : throw new FakeVaultException(404),
            ("POST", "keys", "") => Create(name, request),
            ("POST", "keys", "/rotate") => Rotate(name, request),
            ("POST", "keys", "/config") => Configure(name, request),
            ("POST", "sign", "") => Sign(name, request),
            ("POST", "decrypt", "") => Decrypt(name, request),
            _ => throw new FakeVaultException(405, "1 error occurred:\n\t* unsupported operation\n\n"),
        };
    }

    private static JsonObject Describe(string name, FakeTransitKey key)
    {
        var versions = new JsonObject();
        foreach (var (version, pair) in key.Versions.Where(v => v.Key >= key.MinDecryptionVersion))
        {
            versions[version.ToString(CultureInfo.InvariantCulture)] = pair is null
                ? 1442851412
                : new JsonObject { ["name"] = key.Type, ["public_key"] = pair.ExportSubjectPublicKeyInfoPem() + "\n", ["certificate_chain"] = "", ["creation_time"] = "2026-01-02T03:04:05.678901234Z" };
        }

        return new JsonObject
        {
            ["name"] = name,
            ["type"] = key.Type,
            ["derived"] = false,
            ["deletion_allowed"] = false,
            ["exportable"] = key.Exportable,
            ["allow_plaintext_backup"] = false,
            ["imported_key"] = false,
            ["latest_version"] = key.Latest,
            ["min_available_version"] = 0,
            ["min_decryption_version"] = key.MinDecryptionVersion,
            ["min_encryption_version"] = key.MinEncryptionVersion,
            ["supports_signing"] = key.Versions[key.Latest] is not null,
            ["keys"] = versions,
        };
    }

    private static byte[] SignHash(FakeTransitKey key, int version, byte[] digest, HashAlgorithmName hash, FakeVaultRequest request)
    {
        switch (key.Versions[version])
        {
            case ECDsa ecdsa:
                return request.Text("marshaling_algorithm") is null or "asn1"
                    ? ecdsa.SignHash(digest, DSASignatureFormat.Rfc3279DerSequence)
                    : throw new FakeVaultException(400, "invalid marshaling type");

            case RSA rsa:
                if (digest.Length != hash.Name switch { "SHA256" => 32, "SHA384" => 48, _ => 64 })
                {
                    throw new FakeVaultException(500, "1 error occurred:\n\t* crypto/rsa: input must be hashed message\n\n");
                }

                return rsa.SignHash(digest, hash, request.Text("signature_algorithm") == "pkcs1v15" ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss);

            default:
                throw new FakeVaultException(400, $"key type {key.Type} does not support signing");
        }
    }

    private FakeVaultReply Create(string name, FakeVaultRequest request)
    {
        request.AllowFields("type", "exportable", "derived", "convergent_encryption", "allow_plaintext_backup", "auto_rotate_period");
        if (!Keys.TryGetValue(name, out var key))
        {
            Keys[name] = key = FakeTransitKey.Create(request.Text("type") ?? "aes256-gcm96");
            key.Exportable = request.Body["exportable"]?.GetValue<bool>() ?? false;
        }

        return new FakeVaultReply(Describe(name, key));
    }

    private FakeVaultReply Rotate(string name, FakeVaultRequest request)
    {
        request.AllowFields("managed_key_name", "managed_key_id");
        Known(name, "key not found").Rotate();
        return new FakeVaultReply(Describe(name, Keys[name]));
    }

    private FakeVaultReply Configure(string name, FakeVaultRequest request)
    {
        request.AllowFields("min_decryption_version", "min_encryption_version", "deletion_allowed", "exportable", "allow_plaintext_backup", "auto_rotate_period");
        var key = Known(name, $"no existing key named {name} could be found");
        var decryption = request.Body["min_decryption_version"]?.GetValue<int>() ?? key.MinDecryptionVersion;
        var encryption = request.Body["min_encryption_version"]?.GetValue<int>() ?? key.MinEncryptionVersion;
        if (decryption > key.Latest)
        {
            throw new FakeVaultException(400, $"cannot set min decryption version of {decryption}, latest key version is {key.Latest}");
        }

        if (encryption > key.Latest || (encryption > 0 && encryption < decryption))
        {
            throw new FakeVaultException(400, $"cannot set min encryption/decryption values; min encryption version of {encryption} must be greater than or equal to min decryption version of {decryption}");
        }

        (key.MinDecryptionVersion, key.MinEncryptionVersion) = (decryption, encryption);
        return new FakeVaultReply(Describe(name, key));
    }

    private FakeVaultReply Sign(string name, FakeVaultRequest request)
    {
        request.AllowFields("input", "prehashed", "hash_algorithm", "key_version", "marshaling_algorithm", "signature_algorithm", "context");
        var key = Known(name, "signing key not found");
        var version = request.Body["key_version"]?.GetValue<int>() ?? 0;
        version = version == 0 ? key.Latest : version;
        // What the real one finds wrong with a version it answers as a fault of its own.
        if (version > key.Latest)
        {
            throw new FakeVaultException(500, "1 error occurred:\n\t* requested version for signing is higher than the latest key version\n\n");
        }

        if (version < key.MinEncryptionVersion)
        {
            throw new FakeVaultException(500, "1 error occurred:\n\t* requested version for signing is less than the minimum encryption key version\n\n");
        }

        var hash = request.Text("hash_algorithm") switch
        {
            null or "sha2-256" => HashAlgorithmName.SHA256,
            "sha2-384" => HashAlgorithmName.SHA384,
            "sha2-512" => HashAlgorithmName.SHA512,
            var other => throw new FakeVaultException(400, $"invalid hash algorithm \"{other}\""),
        };
        var input = Convert.FromBase64String(request.Text("input") ?? throw new FakeVaultException(400, "missing input"));
        var digest = request.Body["prehashed"]?.GetValue<bool>() == true ? input : CryptographicOperations.HashData(hash, input);
        var signature = Spoil(SignHash(key, version, digest, hash, request));
        return new FakeVaultReply(new JsonObject { ["key_version"] = version, ["signature"] = $"vault:v{version.ToString(CultureInfo.InvariantCulture)}:{Convert.ToBase64String(signature)}" });
    }

    private FakeVaultReply Decrypt(string name, FakeVaultRequest request)
    {
        request.AllowFields("ciphertext", "context", "nonce", "associated_data");
        var key = Known(name, "encryption key not found");
        var match = Ciphertext().Match(request.Text("ciphertext") ?? throw new FakeVaultException(400, "missing ciphertext to decrypt"));
        if (!match.Success)
        {
            throw new FakeVaultException(400, "invalid ciphertext: no prefix");
        }

        var version = int.Parse(match.Groups["version"].Value, CultureInfo.InvariantCulture);
        if (version > key.Latest)
        {
            throw new FakeVaultException(400, "invalid ciphertext: version is too new");
        }

        if (version < key.MinDecryptionVersion)
        {
            throw new FakeVaultException(400, "ciphertext or signature version is disallowed by policy (too old)");
        }

        return key.Decrypt(version, Convert.FromBase64String(match.Groups["data"].Value)) is { } plain
            ? new FakeVaultReply(new JsonObject { ["plaintext"] = Convert.ToBase64String(plain) })
            : throw new FakeVaultException(400, "cipher: message authentication failed");
    }

    private FakeTransitKey Known(string name, string otherwise) => Keys.GetValueOrDefault(name) ?? throw new FakeVaultException(400, otherwise);

    [GeneratedRegex(@"\A(?<kind>keys|sign|decrypt)/(?<name>\w(?:[\w.-]*\w)?)(?<action>/rotate|/config|)\z")]
    private static partial Regex Route();

    [GeneratedRegex(@"\Avault:v(?<version>[0-9]+):(?<data>[A-Za-z0-9+/=]+)\z")]
    private static partial Regex Ciphertext();
}

/// <summary>A key with its versions; those of symmetric keys are null.</summary>
public sealed class FakeTransitKey
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Dictionary<int, byte[]> _secrets = [];

    private FakeTransitKey(string type) => Type = type;

    public string Type { get; }

    public SortedDictionary<int, AsymmetricAlgorithm?> Versions { get; } = [];

    public int Latest => Versions.Keys.Max();

    public int MinDecryptionVersion { get; set; } = 1;

    public int MinEncryptionVersion { get; set; }

    public bool Exportable { get; set; }

    public static FakeTransitKey Create(string type)
    {
        var key = new FakeTransitKey(type);
        key.Rotate();
        return key;
    }

    /// <summary>What encrypt gives out with the latest version of a symmetric key.</summary>
    public string Encrypt(byte[] plain)
    {
        var packed = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(packed.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(_secrets[Latest], TagBytes);
        cipher.Encrypt(packed.AsSpan(0, NonceBytes), plain, packed.AsSpan(NonceBytes, plain.Length), packed.AsSpan(NonceBytes + plain.Length));
        return $"vault:v{Latest.ToString(CultureInfo.InvariantCulture)}:{Convert.ToBase64String(packed)}";
    }

    public void Rotate()
    {
        var version = Versions.Count + 1;
        _secrets[version] = RandomNumberGenerator.GetBytes(32);
        Versions[version] = Type switch
        {
            "ecdsa-p256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            "ecdsa-p384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            "rsa-2048" => RSA.Create(2048),
            "rsa-3072" => RSA.Create(3072),
            "rsa-4096" => RSA.Create(4096),
            "aes256-gcm96" or "chacha20-poly1305" => null,
            _ => throw new FakeVaultException(400, $"unknown key type {Type}"),
        };
    }

    /// <returns>Null where the ciphertext is none of this version.</returns>
    internal byte[]? Decrypt(int version, byte[] packed)
    {
        if (packed.Length < NonceBytes + TagBytes || Versions[version] is not null)
        {
            return null;
        }

        var plain = new byte[packed.Length - NonceBytes - TagBytes];
        try
        {
            using var cipher = new AesGcm(_secrets[version], TagBytes);
            cipher.Decrypt(packed.AsSpan(0, NonceBytes), packed.AsSpan(NonceBytes, plain.Length), packed.AsSpan(NonceBytes + plain.Length), plain);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
