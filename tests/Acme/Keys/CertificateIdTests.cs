using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Acme.Tests.Keys;

public sealed class CertificateIdTests
{
    // RFC 9773 appendix A. Its serial starts with a high bit, its dates are of the year 1.
    private const string RfcCertificate =
        """
        -----BEGIN CERTIFICATE-----
        MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
        cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
        BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
        7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
        qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
        yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
        +FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
        -----END CERTIFICATE-----
        """;

    [Test]
    public void The_certificate_in_rfc_9773_has_the_id_given_there()
    {
        using var certificate = X509Certificate2.CreateFromPem(RfcCertificate);

        Assert.That(CertificateId.TryFrom(certificate)!.Value, Is.EqualTo("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"));
    }

    [Test]
    public void A_certificate_without_authority_key_identifier_has_no_id()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=self", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(50));

        Assert.That(CertificateId.TryFrom(certificate), Is.Null);
    }

    [Test]
    public void A_garbled_authority_key_identifier_gives_no_id()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=self", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.35", [0x30, 0x7f, 1], critical: false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(50));

        Assert.That(CertificateId.TryFrom(certificate), Is.Null);
    }

    [TestCase("")]
    [TestCase("abc")]
    [TestCase(".abc")]
    [TestCase("abc.")]
    [TestCase("a.b.c")]
    [TestCase("a/../b.c")]
    [TestCase("abc=.def")]
    public void What_is_not_two_base64url_parts_is_no_id(string text) =>
        Assert.That(() => CertificateId.Parse(text), Throws.InstanceOf<FormatException>());

    [Test]
    public void A_stored_id_is_read_again() =>
        Assert.That(CertificateId.Parse("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"), Is.EqualTo(
            CertificateId.From(Convert.FromHexString("69885B6B87464041E1B37B847BA0AE2CDE01C8D4"), Convert.FromHexString("0087654321"))));
}
