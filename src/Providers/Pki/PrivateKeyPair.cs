using System.Globalization;
using System.Security.Cryptography;
using CertOperator.Providers.Keys;

namespace CertOperator.Providers.Pki;

/// <summary>A private key with its public half. The key leaves it only through <see cref="ToPkcs8Pem"/>.</summary>
public sealed class PrivateKeyPair : ICertificateKey
{
    private PrivateKeyPair(AsymmetricAlgorithm key, KeyAlgorithm algorithm)
    {
        Key = key;
        Algorithm = algorithm;
        SubjectPublicKeyInfo = key.ExportSubjectPublicKeyInfo();
    }

    /// <summary>The key as the platform's type: <see cref="ECDsa"/> or <see cref="RSA"/>. Owned by this object.</summary>
    public AsymmetricAlgorithm Key { get; }

    public KeyAlgorithm Algorithm { get; }

    /// <summary>Size in bits of the curve or of the modulus.</summary>
    public int Size => Key.KeySize;

    /// <summary>The public key in DER (RFC 5280, section 4.1.2.7).</summary>
    public byte[] SubjectPublicKeyInfo { get; }

    /// <summary>Makes a new key: ECDSA 256 or 384, RSA 2048, 3072 or 4096 bits.</summary>
    /// <exception cref="PkiException">Another size: <see cref="PkiReasons.UnsupportedKey"/>.</exception>
    public static PrivateKeyPair Create(KeyAlgorithm algorithm, int size) => (algorithm, size) switch
    {
        (KeyAlgorithm.Ecdsa, 256) => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), algorithm),
        (KeyAlgorithm.Ecdsa, 384) => new(ECDsa.Create(ECCurve.NamedCurves.nistP384), algorithm),
        (KeyAlgorithm.Rsa, 2048 or 3072 or 4096) => new(RSA.Create(size), algorithm),
        _ => throw new PkiException(PkiReasons.UnsupportedKey, string.Create(CultureInfo.InvariantCulture, $"A key {algorithm} of {size} bits is not supported; use ECDSA with 256 or 384 or RSA with 2048, 3072 or 4096.")),
    };

    /// <summary>Reads one unencrypted key: PKCS#8, PKCS#1 or SEC 1.</summary>
    /// <exception cref="PkiException">TooLarge, NotPem, EncryptedKey, UnsupportedKey or InvalidKey.</exception>
    public static PrivateKeyPair FromPem(string pem, PemLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(pem);
        var (key, algorithm) = PrivateKeyReader.Read(pem, (limits ?? PemLimits.Stored).KeyBytes);
        try
        {
            return new PrivateKeyPair(key, algorithm);
        }
        catch (CryptographicException e)
        {
            key.Dispose();
            throw new PkiException(PkiReasons.InvalidKey, "The private key is not a whole key.", e);
        }
    }

    /// <summary>The private key as PKCS#8 PEM. Secret.</summary>
    public string ToPkcs8Pem() => Key.ExportPkcs8PrivateKeyPem() + "\n";

    public KeyReference? Reference => null;

    public PrivateKeyPair Exported => this;

    public Task<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        => Task.FromResult(Key switch
        {
            ECDsa ecdsa => ecdsa.SignData(data.Span, KeySignatures.HashFor(Algorithm, Size), DSASignatureFormat.Rfc3279DerSequence),
            RSA rsa => rsa.SignData(data.Span, KeySignatures.HashFor(Algorithm, Size), RSASignaturePadding.Pkcs1),
            _ => throw new PkiException(PkiReasons.UnsupportedKey, "Only an RSA or ECDSA key can sign."),
        });

    /// <summary>Whether the key is of this kind and size, so that it may be kept for the next certificate.</summary>
    public bool Matches(KeyAlgorithm algorithm, int size) => Algorithm == algorithm && Size == size;

    public void Dispose() => Key.Dispose();
}
