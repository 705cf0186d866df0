using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>A private certificate authority for a test: root, intermediate, and leaves under either.</summary>
internal sealed class TestCertificates : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private byte _serial;

    public TestCertificates()
    {
        Root = Create("CN=root", null, request => request.CertificateExtensions.Add(Authority));
        Intermediate = Create("CN=intermediate", Root, request => request.CertificateExtensions.Add(Authority));
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    private static X509BasicConstraintsExtension Authority => new(true, false, 0, critical: true);

    /// <param name="issuer">Root or intermediate.</param>
    /// <param name="dnsName">Null: for 127.0.0.1.</param>
    public X509Certificate2 Server(X509Certificate2 issuer, string? dnsName = null) => Create("CN=server", issuer, request =>
    {
        var names = new SubjectAlternativeNameBuilder();
        if (dnsName is null)
        {
            names.AddIpAddress(IPAddress.Loopback);
        }
        else
        {
            names.AddDnsName(dnsName);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
    });

    public X509Certificate2 User(X509Certificate2 issuer, string name) => Create($"CN={name}", issuer, request =>
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], critical: false)));

    public static string KeyPem(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
    }

    private X509Certificate2 Create(string subject, X509Certificate2? issuer, Action<CertificateRequest> extend)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        extend(request);
        if (issuer is null)
        {
            return request.CreateSelfSigned(From, Until);
        }

        using var issuerKey = issuer.GetECDsaPrivateKey()!;
        using var signed = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), From, Until, [1, ++_serial]);
        return signed.CopyWithPrivateKey(key);
    }
}
