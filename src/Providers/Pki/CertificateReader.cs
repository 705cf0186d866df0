using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.Pki;

/// <summary>Turns PEM text into certificates, all of them or none.</summary>
internal static class CertificateReader
{
    internal static readonly HashSet<string> CertificateLabels = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

    /// <exception cref="PkiException">Anything but certificates, or none.</exception>
    public static List<X509Certificate2> Read(string pem, int maxBytes, string what, bool allowText)
    {
        var blocks = PemText.Blocks(pem, maxBytes, what, allowText);
        if (blocks.Count == 0)
        {
            throw new PkiException(PkiReasons.NoCertificate, $"The {what} holds no certificate.");
        }

        var certificates = new List<X509Certificate2>(blocks.Count);
        try
        {
            foreach (var block in blocks)
            {
                if (block.Label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
                {
                    throw new PkiException(PkiReasons.PrivateKeyInChain, $"The {what} holds a private key; it may hold certificates only.");
                }

                if (!CertificateLabels.Contains(block.Label))
                {
                    throw new PkiException(PkiReasons.NotPem, string.Create(CultureInfo.InvariantCulture, $"PEM block {certificates.Count + 1} of the {what} is no certificate."));
                }

                certificates.Add(Load(block.Der, what, certificates.Count + 1));
            }

            return certificates;
        }
        catch
        {
            certificates.ForEach(c => c.Dispose());
            throw;
        }
        finally
        {
            blocks.FindAll(b => b.Label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)).ForEach(b => CryptographicOperations.ZeroMemory(b.Der));
        }
    }

    internal static X509Certificate2 Load(byte[] der, string what, int number)
    {
        try
        {
            // The library would pass over bytes after the certificate.
            AsnDecoder.ReadSequence(der, AsnEncodingRules.BER, out _, out _, out var length);
            if (length != der.Length)
            {
                throw new PkiException(PkiReasons.InvalidCertificate, string.Create(CultureInfo.InvariantCulture, $"Certificate {number} of the {what} has bytes after its end."));
            }

            return Decoded(X509CertificateLoader.LoadCertificate(der));
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            throw new PkiException(PkiReasons.InvalidCertificate, string.Create(CultureInfo.InvariantCulture, $"Certificate {number} of the {what} cannot be read."), e);
        }
    }

    /// <summary>
    /// The platform decodes fields when they are first read, and would throw at whoever reads them. What this code reads
    /// later is read here once.
    /// </summary>
    private static X509Certificate2 Decoded(X509Certificate2 certificate)
    {
        try
        {
            _ = (certificate.NotBefore, certificate.NotAfter, certificate.SubjectName.Name, certificate.IssuerName.Name, certificate.PublicKey);
            foreach (var extension in certificate.Extensions)
            {
                object? decoded = extension switch
                {
                    X509BasicConstraintsExtension e => e.CertificateAuthority,
                    X509EnhancedKeyUsageExtension e => e.EnhancedKeyUsages,
                    X509SubjectKeyIdentifierExtension e => e.SubjectKeyIdentifierBytes,
                    X509AuthorityKeyIdentifierExtension e => e.KeyIdentifier,
                    _ => null,
                };
            }

            return certificate;
        }
        catch
        {
            certificate.Dispose();
            throw;
        }
    }
}
