using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Probing.Ocsp;

/// <summary>Whether an OCSP response comes from somebody who may speak for the CA (RFC 6960, section 4.2.2.2).</summary>
internal static class OcspSignature
{
    private const string OcspSigning = "1.3.6.1.5.5.7.3.9";

    /// <summary>Null where it does; else a clause that goes on after "The stapled OCSP response".</summary>
    public static string? Defect(OcspResponse response, X509Certificate2 issuer, DateTimeOffset now)
    {
        HashAlgorithmName? algorithm = response.Algorithm switch
        {
            "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (algorithm is not { } hash)
        {
            return "is signed with another algorithm than RSA (PKCS #1) or ECDSA with SHA-2, and cannot be verified";
        }

        if (IsBy(issuer, response, hash))
        {
            return null;
        }

        string? defect = "has a signature that is neither the CA's nor that of a responder which it encloses";
        foreach (var der in response.Certificates)
        {
            try
            {
                using var responder = X509CertificateLoader.LoadCertificate(der.Span);
                if (IsBy(responder, response, hash) && (defect = Defect(responder, issuer, now)) is null)
                {
                    return null;
                }
            }
            catch (CryptographicException)
            {
                defect = "encloses a responder's certificate that cannot be decoded";
            }
        }

        return defect;
    }

    private static string? Defect(X509Certificate2 responder, X509Certificate2 issuer, DateTimeOffset now)
        => ChainLinks.FirstBroken([responder, issuer]) is not null ? "is signed by a responder whose certificate is not of the CA that issued the server's"
            : !responder.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(e => e.EnhancedKeyUsages[OcspSigning] is not null) ? "is signed with a certificate that is not one for OCSP responders"
            : now.UtcDateTime < responder.NotBefore.ToUniversalTime() || now.UtcDateTime > responder.NotAfter.ToUniversalTime() ? "is signed by a responder whose certificate is not valid now"
            : null;

    private static bool IsBy(X509Certificate2 signer, OcspResponse response, HashAlgorithmName hash)
    {
        try
        {
            using var rsa = signer.GetRSAPublicKey();
            using var ecdsa = rsa is null ? signer.GetECDsaPublicKey() : null;
            return rsa is not null ? rsa.VerifyData(response.Signed.Span, response.Signature.Span, hash, RSASignaturePadding.Pkcs1)
                : ecdsa is not null && ecdsa.VerifyData(response.Signed.Span, response.Signature.Span, hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
