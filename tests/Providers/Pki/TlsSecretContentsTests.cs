using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Pki;

internal sealed class TlsSecretContentsTests : IDisposable
{
    private PkiFixture _pki = null!;
    private IssuedLeaf _leaf = null!;

    [OneTimeSetUp]
    public void SetUp()
    {
        _pki = new PkiFixture();
        _leaf = _pki.Lower.Issue(new LeafRequest("www.example.com"));
    }

    public void Dispose()
    {
        _leaf.Dispose();
        _pki.Dispose();
    }

    private static TlsSecretContents Parse(string? certificate, string? key)
    {
        var data = new Dictionary<string, byte[]>();
        if (certificate is not null)
        {
            data["tls.crt"] = Encoding.UTF8.GetBytes(certificate);
        }

        if (key is not null)
        {
            data["tls.key"] = Encoding.UTF8.GetBytes(key);
        }

        return TlsSecretContents.Parse(data);
    }

    private static string ReasonOf(string? certificate, string? key) => ((TlsSecretContents.Defective)Parse(certificate, key)).Reason;

    [Test]
    public void A_pair_is_read()
    {
        var pair = (TlsSecretContents.Pair)Parse(_leaf.ChainPem, _leaf.KeyPem);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(pair.Facts.DnsNames, Is.EqualTo(new[] { "www.example.com" }));
            Assert.That(pair.ChainLength, Is.EqualTo(3));
            Assert.That(pair.KeyMatches(KeyAlgorithm.Ecdsa, 256), Is.True);
            Assert.That(pair.KeyMatches(KeyAlgorithm.Rsa, 2048), Is.False);
        }
    }

    [Test]
    public void A_Secret_that_is_not_there_is_told_from_one_without_data()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TlsSecretContents.Parse(null), Has.Property("Reason").EqualTo(PkiReasons.DoesNotExist));
            Assert.That(ReasonOf(null, null), Is.EqualTo(PkiReasons.MissingData));
            Assert.That(ReasonOf(_leaf.ChainPem, null), Is.EqualTo(PkiReasons.MissingData));
            Assert.That(ReasonOf(null, _leaf.KeyPem), Is.EqualTo(PkiReasons.MissingData));
            Assert.That(ReasonOf("", _leaf.KeyPem), Is.EqualTo(PkiReasons.MissingData));
        }
    }

    [Test]
    public void Bad_parts_are_told_apart()
    {
        using var other = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ReasonOf("nonsense", _leaf.KeyPem), Is.EqualTo(PkiReasons.InvalidCertificate));
            Assert.That(ReasonOf(new string('x', 5_000_000), _leaf.KeyPem), Is.EqualTo(PkiReasons.InvalidCertificate));
            Assert.That(ReasonOf(_leaf.ChainPem, "nonsense"), Is.EqualTo(PkiReasons.InvalidKeyPair));
            Assert.That(ReasonOf(_leaf.ChainPem, new string('x', 5_000_000)), Is.EqualTo(PkiReasons.InvalidKeyPair));
            Assert.That(ReasonOf(_leaf.ChainPem, other.ToPkcs8Pem()), Is.EqualTo(PkiReasons.InvalidKeyPair));
        }
    }

    [Test]
    public void The_combined_PEM_holds_key_and_chain()
    {
        using var key = PrivateKeyPair.FromPem(_leaf.KeyPem);
        using var chain = CertificateChain.Parse(_leaf.ChainPem, PemLimits.Issued);
        Assert.That(Encoding.ASCII.GetString(SecretOutputs.CombinedPem(key, chain)), Is.EqualTo(_leaf.KeyPem + _leaf.ChainPem));
    }

    [Test]
    public void The_DER_key_is_PKCS_8()
    {
        using var key = PrivateKeyPair.FromPem(_leaf.KeyPem);
        using var read = ECDsa.Create();
        read.ImportPkcs8PrivateKey(SecretOutputs.Der(key), out _);
        Assert.That(read.ExportSubjectPublicKeyInfo(), Is.EqualTo(key.SubjectPublicKeyInfo));
    }

    [Test]
    public void The_keystore_opens_with_its_password_alone_and_holds_all()
    {
        using var key = PrivateKeyPair.FromPem(_leaf.KeyPem);
        using var chain = CertificateChain.Parse(_leaf.ChainPem, PemLimits.Issued);
        var bytes = SecretOutputs.Pkcs12(key, chain, "pass word");
        var read = X509CertificateLoader.LoadPkcs12Collection(bytes, "pass word", X509KeyStorageFlags.EphemeralKeySet);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Select(c => c.Thumbprint), Is.EquivalentTo(chain.Certificates.Select(c => c.Thumbprint)));
            Assert.That(read.Single(c => c.HasPrivateKey).Thumbprint, Is.EqualTo(chain.Leaf.Thumbprint));
            Assert.That(() => X509CertificateLoader.LoadPkcs12Collection(bytes, "wrong"), Throws.InstanceOf<CryptographicException>());
            // The OIDs of PBES2 and AES-256-CBC, and not that of the old RC2 and 3DES.
            Assert.That(Convert.ToHexString(bytes), Does.Contain("2A864886F70D01050D").And.Contain("60864801650304012A").And.Not.Contain("2A864886F70D010C01"));
        }
    }

    [Test]
    public void A_keystore_of_a_key_and_anothers_certificate_is_refused()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using var chain = CertificateChain.Parse(_leaf.ChainPem, PemLimits.Issued);
        Assert.That(() => SecretOutputs.Pkcs12(key, chain, "x"), Throws.TypeOf<PkiException>().With.Property("Reason").EqualTo(PkiReasons.KeyMismatch));
    }

    [Test]
    public void A_bundle_is_read_whatever_stands_between()
    {
        using var bundle = CaBundle.Parse("# our roots\n" + _pki.Root.Pem + "\n# and\n" + _pki.Stranger.Pem);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bundle.Certificates, Has.Count.EqualTo(2));
            Assert.That(bundle.Contains(_pki.Root.Certificate), Is.True);
            Assert.That(bundle.Contains(_pki.Lower.Certificate), Is.False);
            Assert.That(() => CaBundle.Parse("# nothing"), Throws.TypeOf<PkiException>().With.Property("Reason").EqualTo(PkiReasons.NoCertificate));
            Assert.That(() => CaBundle.Parse(new string('x', 400_000)), Throws.TypeOf<PkiException>().With.Property("Reason").EqualTo(PkiReasons.TooLarge));
        }
    }
}
