using System.Security.Cryptography;

namespace CertOperator.TestSupport.Aws;

/// <summary>A key in KMS, with a real key pair or, where it is symmetric, a real key.</summary>
public sealed class FakeKmsKey : IDisposable
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly AsymmetricAlgorithm? _pair;
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    internal FakeKmsKey(string spec, string usage)
    {
        Spec = spec;
        Usage = usage;
        _pair = spec == "SYMMETRIC_DEFAULT" ? null : Create(spec);
        Arn = $"arn:aws:kms:{FakeAws.Region}:{FakeAws.Account}:key/{Id}";
    }

    public string Id { get; } = Guid.NewGuid().ToString();

    public string Arn { get; }

    public string Spec { get; }

    public string Usage { get; }

    /// <summary>Enabled, Disabled, PendingDeletion ...</summary>
    public string State { get; set; } = "Enabled";

    /// <summary>Signs with another key than the one whose public half is given out.</summary>
    public bool Forges { get; set; }

    public byte[] PublicKey => Pair.ExportSubjectPublicKeyInfo();

    internal bool IsSymmetric => _pair is null;

    internal AsymmetricAlgorithm Pair => _pair ?? throw new InvalidOperationException("A symmetric key has no pair.");

    public void Dispose() => _pair?.Dispose();

    /// <summary>What Encrypt gives out: it names the key, and opens with the same context alone.</summary>
    public byte[] Encrypt(byte[] plain, params (string Key, string Value)[] context)
    {
        byte[] packed = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(packed.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(_secret, TagBytes);
        cipher.Encrypt(packed.AsSpan(0, NonceBytes), plain, packed.AsSpan(NonceBytes, plain.Length), packed.AsSpan(NonceBytes + plain.Length), Bytes(context));
        return [.. Guid.Parse(Id).ToByteArray(), .. packed];
    }

    /// <returns>Null where the ciphertext is none of this key with this context.</returns>
    internal byte[]? Decrypt(byte[] ciphertext, IEnumerable<(string Key, string Value)> context)
    {
        byte[] packed = ciphertext[16..];
        byte[] plain = new byte[Math.Max(0, packed.Length - NonceBytes - TagBytes)];
        try
        {
            using var cipher = new AesGcm(_secret, TagBytes);
            cipher.Decrypt(packed.AsSpan(0, NonceBytes), packed.AsSpan(NonceBytes, plain.Length), packed.AsSpan(NonceBytes + plain.Length), plain, Bytes(context));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    internal byte[]? Sign(byte[] digest, string algorithm)
    {
        using AsymmetricAlgorithm? forged = Forges ? Create(Spec) : null;
        return (forged ?? Pair, algorithm, digest.Length) switch
        {
            (ECDsa { KeySize: 256 } key, "ECDSA_SHA_256", 32) => key.SignHash(digest, DSASignatureFormat.Rfc3279DerSequence),
            (ECDsa { KeySize: 384 } key, "ECDSA_SHA_384", 48) => key.SignHash(digest, DSASignatureFormat.Rfc3279DerSequence),
            (RSA key, "RSASSA_PKCS1_V1_5_SHA_256", 32) => key.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => null,
        };
    }

    private static byte[] Bytes(IEnumerable<(string Key, string Value)> context)
        => System.Text.Encoding.UTF8.GetBytes(string.Join('\n', context.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}={c.Value}")));

    private static AsymmetricAlgorithm Create(string spec) => spec switch
    {
        "ECC_NIST_P256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        "ECC_NIST_P384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        "RSA_2048" => RSA.Create(2048),
        "RSA_3072" => RSA.Create(3072),
        "RSA_4096" => RSA.Create(4096),
        _ => throw new ArgumentOutOfRangeException(nameof(spec), spec, "Not a kind of key that is made here."),
    };
}
