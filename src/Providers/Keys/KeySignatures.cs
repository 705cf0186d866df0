using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys;

/// <summary>How keys sign, wherever they live: SHA-384 with P-384, else SHA-256.</summary>
public static class KeySignatures
{
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    private const string EcdsaWithSha384 = "1.2.840.10045.4.3.3";
    private const string RsaWithSha256 = "1.2.840.113549.1.1.11";

    public static HashAlgorithmName HashFor(KeyAlgorithm algorithm, int size)
        => algorithm == KeyAlgorithm.Ecdsa && size > 256 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;

    /// <summary>AlgorithmIdentifier in DER (RFC 5758, section 3.2; RFC 4055, section 5).</summary>
    public static byte[] AlgorithmIdentifier(KeyAlgorithm algorithm, int size)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (algorithm == KeyAlgorithm.Rsa)
            {
                writer.WriteObjectIdentifier(RsaWithSha256);
                writer.WriteNull();
            }
            else
            {
                writer.WriteObjectIdentifier(size > 256 ? EcdsaWithSha384 : EcdsaWithSha256);
            }
        }

        return writer.Encode();
    }

    /// <summary>Whether a signature is that of the key: what comes from elsewhere is verified before it is used.</summary>
    /// <param name="subjectPublicKeyInfo">The public key in DER.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">An ECDSA signature as a DER sequence, or an RSA signature.</param>
    public static bool Verify(byte[] subjectPublicKeyInfo, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(subjectPublicKeyInfo);
        try
        {
            var key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            using var rsa = key.GetRSAPublicKey();
            if (rsa is not null)
            {
                return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }

            using var ecdsa = key.GetECDsaPublicKey();
            return ecdsa is not null && ecdsa.VerifyData(data, signature, HashFor(KeyAlgorithm.Ecdsa, ecdsa.KeySize), DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
