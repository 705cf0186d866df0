using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.Pki;

/// <summary>A leaf and its issuers in order: each certificate names the next one as its issuer. Owns the certificates.</summary>
public sealed class CertificateChain : IDisposable
{
    private CertificateChain(IReadOnlyList<X509Certificate2> certificates)
    {
        Certificates = certificates;
        Facts = CertificateFacts.From(certificates[0]);
    }

    /// <summary>Leaf first.</summary>
    public IReadOnlyList<X509Certificate2> Certificates { get; }

    public X509Certificate2 Leaf => Certificates[0];

    /// <summary>The leaf's facts.</summary>
    public CertificateFacts Facts { get; }

    /// <summary>The leaf alone, in PEM, with a final newline.</summary>
    public string LeafPem => Leaf.ExportCertificatePem() + "\n";

    /// <summary>
    /// Reads a chain in PEM whose first certificate is the leaf. Issuers in another order are sorted: the order matters to
    /// TLS clients. Signatures are not verified here: see <see cref="IssuedCertificateCheck"/>.
    /// </summary>
    /// <exception cref="PkiException">The text is no such chain; the reason says why.</exception>
    public static CertificateChain Parse(string pem, PemLimits limits)
    {
        ArgumentNullException.ThrowIfNull(pem);
        ArgumentNullException.ThrowIfNull(limits);
        var certificates = CertificateReader.Read(pem, limits.ChainBytes, "certificate chain", limits.AllowExplanatoryText);
        try
        {
            var leafBytes = certificates[0].RawDataMemory.Length * 4 / 3;
            if (leafBytes > limits.LeafBytes)
            {
                throw new PkiException(PkiReasons.TooLarge, string.Create(CultureInfo.InvariantCulture, $"The certificate has {leafBytes} bytes in PEM and may have {limits.LeafBytes}."));
            }

            return new CertificateChain(ChainOrder.Sort(certificates));
        }
        catch
        {
            certificates.ForEach(c => c.Dispose());
            throw;
        }
    }

    /// <summary>The whole chain in PEM, leaf first, with a final newline.</summary>
    public string ToPem() => string.Concat(Certificates.Select(c => c.ExportCertificatePem() + "\n"));

    public void Dispose()
    {
        foreach (var certificate in Certificates)
        {
            certificate.Dispose();
        }
    }
}
