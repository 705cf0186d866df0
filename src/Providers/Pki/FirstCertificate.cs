using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Providers.Pki;

/// <summary>
/// Reads the certificate that a TLS server would present out of PEM text that somebody else has stored. What else stands there,
/// issuers in any order or even a key, is passed over: servers live with it too.
/// </summary>
public static class FirstCertificate
{
    private const string What = "certificate chain";

    /// <exception cref="PkiException">There is none, or it cannot be read; the reason says why.</exception>
    public static CertificateFacts Read(byte[]? pem, PemLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (pem is not { Length: > 0 })
        {
            throw new PkiException(PkiReasons.MissingData, $"There is no {What}.");
        }

        if (pem.Length > limits.BundleBytes)
        {
            throw new PkiException(PkiReasons.TooLarge, $"The {What} is larger than any may be.");
        }

        var blocks = PemText.Blocks(Encoding.UTF8.GetString(pem), limits.BundleBytes, What, allowText: true);
        try
        {
            var first = blocks.FindIndex(b => CertificateReader.CertificateLabels.Contains(b.Label));
            if (first < 0)
            {
                throw new PkiException(PkiReasons.NoCertificate, $"The {What} holds no certificate.");
            }

            using var certificate = CertificateReader.Load(blocks[first].Der, What, first + 1);
            return CertificateFacts.From(certificate);
        }
        finally
        {
            blocks.FindAll(b => !CertificateReader.CertificateLabels.Contains(b.Label)).ForEach(b => CryptographicOperations.ZeroMemory(b.Der));
        }
    }
}
