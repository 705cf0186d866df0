using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.Pki;

/// <summary>What status, metrics and checks need to know about a certificate, without the certificate. Equal fingerprints mean equal facts.</summary>
/// <param name="Fingerprint">SHA-256 of the certificate, lower-case hex.</param>
/// <param name="Serial">Serial number, lower-case hex.</param>
/// <param name="Issuer">Issuer's distinguished name.</param>
/// <param name="Subject">Subject's distinguished name; empty where the names are in the subject alternative name only.</param>
/// <param name="DnsNames">DNS names in the certificate's order and spelling.</param>
/// <param name="IpAddresses">IP addresses in canonical form, in the certificate's order.</param>
/// <param name="NotBefore">Start of validity, UTC.</param>
/// <param name="NotAfter">End of validity, UTC.</param>
/// <param name="AuthorityKeyIdentifier">The issuer's key identifier, lower-case hex, if the certificate names it.</param>
/// <param name="PublicKeyFingerprint">SHA-256 of the SubjectPublicKeyInfo, lower-case hex.</param>
public sealed record CertificateFacts(
    string Fingerprint,
    string Serial,
    string Issuer,
    string Subject,
    IReadOnlyList<string> DnsNames,
    IReadOnlyList<string> IpAddresses,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    string? AuthorityKeyIdentifier,
    string PublicKeyFingerprint)
{
    /// <summary>All names, DNS names first.</summary>
    public IEnumerable<string> Names => DnsNames.Concat(IpAddresses);

    /// <exception cref="PkiException">An extension cannot be decoded: <see cref="PkiReasons.InvalidCertificate"/>.</exception>
    public static CertificateFacts From(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
            var authority = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
            return new CertificateFacts(
                Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span)),
                Convert.ToHexStringLower(certificate.SerialNumberBytes.Span),
                certificate.Issuer,
                certificate.Subject,
                [.. names.SelectMany(n => n.EnumerateDnsNames())],
                [.. names.SelectMany(n => n.EnumerateIPAddresses()).Select(a => a.ToString())],
                Utc(certificate.NotBefore),
                Utc(certificate.NotAfter),
                authority is { } id ? Convert.ToHexStringLower(id.Span) : null,
                Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo())));
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            throw new PkiException(PkiReasons.InvalidCertificate, "The certificate has a field or extension that cannot be decoded.", e);
        }
    }

    /// <summary>A line for logs and messages: subject or first name, issuer, end of validity.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{DnsNames.Concat(IpAddresses).FirstOrDefault() ?? Subject} by {Issuer} until {NotAfter.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} (SHA-256 {Fingerprint})");

    private static DateTimeOffset Utc(DateTime local) => new DateTimeOffset(local).ToUniversalTime();
}
