using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.TestSupport.Certificates;

/// <summary>
/// A CA for tests that issues what it is told to, good or bad. Validity counts from the given clock. Dispose the root;
/// it disposes the CAs under it, not the leaves.
/// </summary>
public sealed class TestAuthority : IDisposable
{
    private readonly TimeProvider _timeProvider;
    private readonly TestAuthority? _issuer;
    private readonly List<TestAuthority> _children = [];

    private TestAuthority(X509Certificate2 certificate, TestAuthority? issuer, TimeProvider timeProvider)
    {
        Certificate = certificate;
        _issuer = issuer;
        _timeProvider = timeProvider;
    }

    /// <summary>The CA's certificate with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The CA's certificate, with a final newline.</summary>
    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>This CA and those above it, without the root: what a server sends after its leaf.</summary>
    public string IntermediatesPem => _issuer is null ? "" : Pem + _issuer.IntermediatesPem;

    public static TestAuthority CreateRoot(TimeProvider timeProvider, string name = "Test Root")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = timeProvider.GetUtcNow();
        return new TestAuthority(Request(name, key).CreateSelfSigned(now.AddYears(-1), now.AddYears(30)), null, timeProvider);
    }

    /// <summary>A CA under this one; each part can be made bad.</summary>
    public TestAuthority CreateIntermediate(string name = "Test Intermediate", DateTimeOffset? notAfter = null, bool isAuthority = true, int? pathLength = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = _timeProvider.GetUtcNow();
        var request = Request(name, key, isAuthority, pathLength);
        request.CertificateExtensions.Add(AuthorityKeyIdentifier());
        using var certificate = Sign(request, now.AddDays(-100), notAfter ?? now.AddYears(20));
        var child = new TestAuthority(certificate.CopyWithPrivateKey(key), this, _timeProvider);
        _children.Add(child);
        return child;
    }

    /// <summary>A certificate for a new key, or for the request's.</summary>
    public IssuedLeaf Issue(LeafRequest leaf)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        var key = leaf.Key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = _timeProvider.GetUtcNow();
        var subject = new X500DistinguishedName(leaf.CommonName is null ? "" : "CN=" + leaf.CommonName);
        var request = key switch
        {
            ECDsa ecdsa => new CertificateRequest(subject, ecdsa, HashAlgorithmName.SHA256),
            RSA rsa => new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => throw new ArgumentException("The key is neither RSA nor ECDSA.", nameof(leaf)),
        };
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(leaf.IsAuthority, false, 0, true));
        if (leaf.KeyUsages is { } usages)
        {
            var oids = new OidCollection();
            usages.ToList().ForEach(u => oids.Add(new Oid(u)));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, false));
        }

        if (leaf.Names.Count > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var name in leaf.Names)
            {
                if (IPAddress.TryParse(name, out var address))
                {
                    names.AddIpAddress(address);
                }
                else
                {
                    names.AddDnsName(name);
                }
            }

            request.CertificateExtensions.Add(names.Build());
        }

        foreach (var extension in leaf.Extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        request.CertificateExtensions.Add(AuthorityKeyIdentifier());
        return new IssuedLeaf(Sign(request, leaf.NotBefore ?? now.AddHours(-1), leaf.NotAfter ?? now.AddDays(90)), key, IntermediatesPem);
    }

    /// <summary>Another certificate for a CA that is there already: the same name and key, signed by this one.</summary>
    public X509Certificate2 CrossSign(TestAuthority other)
    {
        ArgumentNullException.ThrowIfNull(other);
        using var key = other.Certificate.GetECDsaPublicKey() ?? throw new InvalidOperationException("The CA has no ECDSA key.");
        var now = _timeProvider.GetUtcNow();
        var request = new CertificateRequest(other.Certificate.SubjectName, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(AuthorityKeyIdentifier());
        return Sign(request, now.AddDays(-100), now.AddYears(20));
    }

    /// <summary>A certificate for a signing request in DER, with the names that it asks for.</summary>
    public X509Certificate2 IssueForRequest(byte[] csrDer, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        var now = _timeProvider.GetUtcNow();
        var request = CertificateRequest.LoadSigningRequest(csrDer, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        return Sign(request, notBefore ?? now.AddHours(-1), notAfter ?? now.AddDays(90));
    }

    public void Dispose()
    {
        _children.ForEach(c => c.Dispose());
        Certificate.Dispose();
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority = true, int? pathLength = null)
    {
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, pathLength is not null, pathLength ?? 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private X509AuthorityKeyIdentifierExtension AuthorityKeyIdentifier() =>
        X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false);

    // The generator overload skips the checks that would keep a bad certificate from being made.
    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = Certificate.GetECDsaPrivateKey() ?? throw new InvalidOperationException("The CA has no ECDSA key.");
        return request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), notBefore, notAfter, RandomNumberGenerator.GetBytes(12));
    }
}
