using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Pki;

internal sealed class PrivateKeyPairTests
{
    private static string ReasonOf(string pem) => Assert.Throws<PkiException>(() => PrivateKeyPair.FromPem(pem).Dispose())!.Reason;

    [TestCase(KeyAlgorithm.Ecdsa, 256)]
    [TestCase(KeyAlgorithm.Ecdsa, 384)]
    [TestCase(KeyAlgorithm.Rsa, 2048)]
    [TestCase(KeyAlgorithm.Rsa, 3072)]
    [TestCase(KeyAlgorithm.Rsa, 4096)]
    public void Makes_keys_that_read_back_the_same(KeyAlgorithm algorithm, int size)
    {
        using var key = PrivateKeyPair.Create(algorithm, size);
        using var read = PrivateKeyPair.FromPem(key.ToPkcs8Pem());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.SubjectPublicKeyInfo, Is.EqualTo(key.SubjectPublicKeyInfo));
            Assert.That(read.Matches(algorithm, size), Is.True);
            Assert.That(read.Matches(algorithm, size + 1), Is.False);
            Assert.That(key.ToPkcs8Pem(), Does.StartWith("-----BEGIN PRIVATE KEY-----\n").And.EndWith("-----END PRIVATE KEY-----\n"));
        }
    }

    [TestCase(KeyAlgorithm.Ecdsa, 521)]
    [TestCase(KeyAlgorithm.Rsa, 1024)]
    [TestCase(KeyAlgorithm.Rsa, 0)]
    public void Other_sizes_are_refused(KeyAlgorithm algorithm, int size) =>
        Assert.That(() => PrivateKeyPair.Create(algorithm, size), Throws.TypeOf<PkiException>().With.Property("Reason").EqualTo(PkiReasons.UnsupportedKey));

    [Test]
    public void Reads_SEC_1_with_and_without_the_curve_in_front()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportECPrivateKeyPem();
        using var plain = PrivateKeyPair.FromPem(pem);
        using var withCurve = PrivateKeyPair.FromPem("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + pem);
        Assert.That(withCurve.SubjectPublicKeyInfo, Is.EqualTo(plain.SubjectPublicKeyInfo));
    }

    [Test]
    public void Reads_PKCS_1()
    {
        using var key = RSA.Create(2048);
        using var read = PrivateKeyPair.FromPem(key.ExportRSAPrivateKeyPem());
        Assert.That(read.SubjectPublicKeyInfo, Is.EqualTo(key.ExportSubjectPublicKeyInfo()));
    }

    [TestCase("", PkiReasons.NotPem)]
    [TestCase("<html>", PkiReasons.NotPem)]
    [TestCase("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----", PkiReasons.InvalidKey)]
    [TestCase("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", PkiReasons.InvalidKey)]
    [TestCase("-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----", PkiReasons.InvalidKey)]
    [TestCase("-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----", PkiReasons.InvalidKey)]
    [TestCase("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----", PkiReasons.InvalidKey)]
    [TestCase("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----", PkiReasons.EncryptedKey)]
    [TestCase("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----", PkiReasons.UnsupportedKey)]
    public void Refuses(string pem, string reason) => Assert.That(ReasonOf(pem), Is.EqualTo(reason));

    [Test]
    public void A_legacy_encrypted_key_is_refused()
    {
        using var key = RSA.Create(2048);
        var pem = key.ExportRSAPrivateKeyPem().Replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n");
        Assert.That(ReasonOf(pem), Is.EqualTo(PkiReasons.EncryptedKey));
    }

    [Test]
    public void Weak_and_exotic_keys_are_refused()
    {
        using var weak = RSA.Create(1024);
        using var exotic = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ReasonOf(weak.ExportPkcs8PrivateKeyPem()), Is.EqualTo(PkiReasons.UnsupportedKey));
            Assert.That(ReasonOf(exotic.ExportPkcs8PrivateKeyPem()), Is.EqualTo(PkiReasons.UnsupportedKey));
        }
    }

    [Test]
    public void Two_keys_are_refused()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        Assert.That(ReasonOf(key.ToPkcs8Pem() + key.ToPkcs8Pem()), Is.EqualTo(PkiReasons.InvalidKey));
    }

    [Test]
    public void Five_megabytes_are_refused() => Assert.That(ReasonOf(new string('A', 5_000_000)), Is.EqualTo(PkiReasons.TooLarge));

    [Test]
    public void Whatever_is_changed_the_answer_is_a_key_or_a_reason()
    {
        var random = new Random(9);
        using var ec = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using var rsa = PrivateKeyPair.Create(KeyAlgorithm.Rsa, 2048);
        var ders = new[] { ec.Key.ExportPkcs8PrivateKey(), rsa.Key.ExportPkcs8PrivateKey() };
        for (var i = 0; i < 600; i++)
        {
            var der = (byte[])ders[i % 2].Clone();
            der[random.Next(der.Length)] ^= (byte)random.Next(1, 256);
            try
            {
                PrivateKeyPair.FromPem(PemEncoding.WriteString("PRIVATE KEY", der)).Dispose();
            }
            catch (PkiException)
            {
                // The other answer that callers know.
            }
        }
    }

    [TestCase(KeyAlgorithm.Ecdsa, 256, "www.example.com", "CN=www.example.com")]
    [TestCase(KeyAlgorithm.Ecdsa, 384, null, "")]
    [TestCase(KeyAlgorithm.Rsa, 2048, "a,b=c", "CN=\"a,b=c\"")]
    public void Signs_requests_with_the_names_as_given(KeyAlgorithm algorithm, int size, string? commonName, string subject)
    {
        using var key = PrivateKeyPair.Create(algorithm, size);
        var der = CertificateSigningRequests.CreateDer(key, commonName, ["www.example.com", "*.example.com"], [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")]);
        var read = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        var names = read.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.SubjectName.Name, Is.EqualTo(subject));
            Assert.That(names.EnumerateDnsNames(), Is.EqualTo(new[] { "www.example.com", "*.example.com" }));
            Assert.That(names.EnumerateIPAddresses().Select(a => a.ToString()), Is.EqualTo(new[] { "192.0.2.1", "2001:db8::1" }));
            Assert.That(read.PublicKey.ExportSubjectPublicKeyInfo(), Is.EqualTo(key.SubjectPublicKeyInfo));
        }
    }

    [Test]
    public void A_common_name_over_64_characters_is_left_out()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        var name = new string('a', 60) + ".com.";
        var read = CertificateRequest.LoadSigningRequest(CertificateSigningRequests.CreateDer(key, name, ["a.example"], []), HashAlgorithmName.SHA256);
        Assert.That(read.SubjectName.Name, Is.Empty);
    }
}
