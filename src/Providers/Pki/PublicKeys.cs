using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.Pki;

/// <summary>Compares public keys.</summary>
internal static class PublicKeys
{
    /// <summary>Whether the certificate is for this key.</summary>
    public static bool Same(X509Certificate2 certificate, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        try
        {
            if (certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(subjectPublicKeyInfo))
            {
                return true;
            }

            // Some CAs leave out the NULL parameters of RSA or write a curve's parameters in full; read back and
            // written again, equal keys have equal bytes.
            using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)certificate.GetRSAPublicKey() ?? certificate.GetECDsaPublicKey();
            return key is not null && key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(subjectPublicKeyInfo);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
