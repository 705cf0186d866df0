using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CertOperator.Providers.Pki;

/// <summary>CA certificates that a user trusts for one server, on top of the system's. Owns the certificates.</summary>
public sealed class CaBundle : IDisposable
{
    private CaBundle(IReadOnlyList<X509Certificate2> certificates, string fingerprint)
    {
        Certificates = certificates;
        Fingerprint = fingerprint;
    }

    public IReadOnlyList<X509Certificate2> Certificates { get; }

    /// <summary>SHA-256 of the bundle's text, lower-case hex.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads certificates in any order; text between them is passed over, a certificate that stands twice counts once.</summary>
    /// <exception cref="PkiException">No certificate, too large, a private key, or not PEM.</exception>
    public static CaBundle Parse(string pem, PemLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(pem);
        limits ??= PemLimits.Stored;
        return new CaBundle(CertificateReader.Read(pem, limits.BundleBytes, "CA bundle", limits.AllowExplanatoryText), FingerprintOf(pem));
    }

    /// <summary>What tells one bundle's text from another's.</summary>
    public static string FingerprintOf(string pem) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pem)));

    /// <summary>Whether this very certificate is in the bundle.</summary>
    public bool Contains(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Certificates.Any(c => c.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span));
    }

    public void Dispose()
    {
        foreach (var certificate in Certificates)
        {
            certificate.Dispose();
        }
    }
}
