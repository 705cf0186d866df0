using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Operator.Hosting;

/// <summary>A self-signed certificate with a key that is nowhere but in memory: it keeps what is said secret, and proves nothing.</summary>
internal static class OwnCertificate
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    public static SslStreamCertificateContext Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=certoperator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));

        // The scraper's clock may be behind ours.
        return SslStreamCertificateContext.Create(request.CreateSelfSigned(now.AddHours(-1), now + Lifetime), null, offline: true);
    }
}
