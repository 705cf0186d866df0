using System.Security.Cryptography;

namespace CertOperator.TestSupport.Aws;

/// <summary>An asymmetric key in KMS, with a real key pair.</summary>
public sealed class FakeKmsKey : IDisposable
{
    internal FakeKmsKey(string spec, string usage)
    {
        Spec = spec;
        Usage = usage;
        Pair = Create(spec);
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

    internal AsymmetricAlgorithm Pair { get; }

    public void Dispose() => Pair.Dispose();

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
