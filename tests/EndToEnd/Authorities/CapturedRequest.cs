using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Proxies;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>The signing request of the last order that was finalized, from which a test makes certificates that the CA would not.</summary>
internal sealed class CapturedRequest
{
    private byte[]? _der;

    /// <summary>The request itself, in DER.</summary>
    public byte[] Der => _der ?? throw new InvalidOperationException("No order was finalized.");

    /// <summary>Reads along; what the CA is sent stays as it is.</summary>
    public static CapturedRequest From(AcmeProxy acme)
    {
        var captured = new CapturedRequest();
        acme.Hooks.Before = request =>
        {
            if (request.Kind == AcmeRequestKind.Finalize)
            {
                captured._der = Base64Url.DecodeFromChars(Field(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(Field(request.Http.BodyText, "payload"))), "csr"));
            }

            return Task.FromResult<ProxiedAnswer?>(null);
        };
        return captured;
    }

    /// <summary>A certificate for the requested key and other names, leaf alone.</summary>
    public string IssueFor(TestAuthority authority, string name)
    {
        var asked = CertificateRequest.LoadSigningRequest(Der, HashAlgorithmName.SHA256);
        var request = new CertificateRequest(new X500DistinguishedName(""), asked.PublicKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using ECDsa key = authority.Certificate.GetECDsaPrivateKey()!;
        using X509Certificate2 certificate = request.Create(
            authority.Certificate.SubjectName,
            X509SignatureGenerator.CreateForECDsa(key),
            now.AddHours(-1),
            now.AddDays(90),
            [1, 2, 3, 4]);
        return certificate.ExportCertificatePem() + "\n";
    }

    private static string Field(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(name).GetString()!;
    }
}
