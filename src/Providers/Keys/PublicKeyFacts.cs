using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys;

/// <summary>The public half of a key that is kept elsewhere.</summary>
/// <param name="Algorithm">Algorithm.</param>
/// <param name="Size">Size in bits of the curve or of the modulus.</param>
/// <param name="SubjectPublicKeyInfo">The public key in DER (RFC 5280, section 4.1.2.7).</param>
public sealed record PublicKeyFacts(KeyAlgorithm Algorithm, int Size, byte[] SubjectPublicKeyInfo)
{
    public string Sha256 => KeyReference.Fingerprint(SubjectPublicKeyInfo);

    /// <exception cref="PkiException">The bytes are no RSA or ECDSA key.</exception>
    public static PublicKeyFacts FromDer(ReadOnlySpan<byte> der)
    {
        try
        {
            var key = PublicKey.CreateFromSubjectPublicKeyInfo(der, out _);
            using var rsa = key.GetRSAPublicKey();
            using var ecdsa = rsa is null ? key.GetECDsaPublicKey() : null;
            AsymmetricAlgorithm? found = rsa is null ? ecdsa : rsa;
            return found is null ? throw Unusable(null) : new PublicKeyFacts(rsa is null ? KeyAlgorithm.Ecdsa : KeyAlgorithm.Rsa, found.KeySize, found.ExportSubjectPublicKeyInfo());
        }
        catch (CryptographicException e)
        {
            throw Unusable(e);
        }
    }

    /// <param name="pem">One block, labelled PUBLIC KEY.</param>
    /// <exception cref="PkiException">The text is no RSA or ECDSA key.</exception>
    public static PublicKeyFacts FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        return pem.Length <= PemLimits.Stored.KeyBytes && PemEncoding.TryFind(pem, out var fields) && pem[fields.Label] is "PUBLIC KEY"
            ? FromDer(Convert.FromBase64String(pem[fields.Base64Data]))
            : throw Unusable(null);
    }

    private static PkiException Unusable(Exception? inner) => new(PkiReasons.UnsupportedKey, "The public key is no RSA or ECDSA key.", inner);
}
