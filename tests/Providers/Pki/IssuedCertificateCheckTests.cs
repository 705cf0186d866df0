using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Pki;

internal sealed class IssuedCertificateCheckTests : IDisposable
{
    private static readonly DateTimeOffset Now = PkiFixture.Now;
    private PkiFixture _pki = null!;

    [OneTimeSetUp]
    public void SetUp() => _pki = new PkiFixture();

    public void Dispose() => _pki.Dispose();

    private List<string> Reasons(LeafRequest request, params string[] wanted)
    {
        using var leaf = _pki.Lower.Issue(request);
        return Reasons(leaf, leaf.ChainPem, wanted);
    }

    private static List<string> Reasons(IssuedLeaf leaf, string pem, params string[] wanted)
    {
        using var chain = CertificateChain.Parse(pem, PemLimits.Issued);
        var defects = IssuedCertificateCheck.Check(chain, leaf.Key.ExportSubjectPublicKeyInfo(), wanted, Now);
        Assert.That(defects.Select(d => d.Message), Has.All.EndsWith("."));
        return [.. defects.Select(d => d.Reason)];
    }

    [Test]
    public void A_good_certificate_has_no_defect() =>
        Assert.That(Reasons(new LeafRequest("www.example.com", "*.example.com", "192.0.2.1", "2001:db8::1"), "WWW.example.com", "*.example.com", "192.0.2.1", "2001:DB8:0::1"), Is.Empty);

    [Test]
    public void An_RSA_key_is_good_too()
    {
        using var key = RSA.Create(2048);
        Assert.That(Reasons(new LeafRequest("a.example") { Key = key }, "a.example"), Is.Empty);
    }

    [Test]
    public void A_certificate_for_another_key_is_found()
    {
        using var leaf = _pki.Lower.Issue(new LeafRequest("a.example"));
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using var chain = CertificateChain.Parse(leaf.ChainPem, PemLimits.Issued);
        Assert.That(IssuedCertificateCheck.Check(chain, key, ["a.example"], Now), Is.EqualTo(new CertificateDefect[] { new CertificateDefect.KeyMismatch() }));
    }

    [Test]
    public void A_missing_name_is_named()
    {
        using var leaf = _pki.Lower.Issue(new LeafRequest("a.example"));
        using var chain = CertificateChain.Parse(leaf.ChainPem, PemLimits.Issued);
        var defects = IssuedCertificateCheck.Check(chain, leaf.Key.ExportSubjectPublicKeyInfo(), ["a.example", "b.example"], Now);
        Assert.That(defects, Is.EqualTo(new CertificateDefect[] { new CertificateDefect.NameMissing("b.example") }));
    }

    [Test]
    public void A_wildcard_does_not_stand_for_a_name_nor_a_name_for_a_wildcard()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Reasons(new LeafRequest("*.example.com"), "www.example.com"), Is.EquivalentTo(new[] { PkiReasons.NameMissing, PkiReasons.UnexpectedName }));
            Assert.That(Reasons(new LeafRequest("www.example.com"), "*.example.com"), Is.EquivalentTo(new[] { PkiReasons.NameMissing, PkiReasons.UnexpectedName }));
        }
    }

    [Test]
    public void A_name_in_the_common_name_alone_is_missing() =>
        Assert.That(Reasons(new LeafRequest { CommonName = "a.example" }, "a.example"), Is.EqualTo(new[] { PkiReasons.NameMissing }));

    [Test]
    public void An_address_as_a_DNS_name_is_no_address()
    {
        using var leaf = _pki.Lower.Issue(new LeafRequest("192.0.2.2"));
        Assert.That(Reasons(leaf, leaf.ChainPem, "192.0.2.1"), Is.EquivalentTo(new[] { PkiReasons.NameMissing, PkiReasons.UnexpectedName }));
    }

    [Test]
    public void A_name_that_nobody_asked_for_is_found() =>
        Assert.That(Reasons(new LeafRequest("a.example", "b.example"), "a.example"), Is.EqualTo(new[] { PkiReasons.UnexpectedName }));

    [TestCase(4, true)]
    [TestCase(6, false)]
    public void Five_minutes_of_difference_between_clocks_are_forgiven(int minutesAhead, bool good) =>
        Assert.That(Reasons(new LeafRequest("a.example") { NotBefore = Now.AddMinutes(minutesAhead) }, "a.example"), good ? Is.Empty : Is.EqualTo(new[] { PkiReasons.NotYetValid }));

    [Test]
    public void An_expired_certificate_is_found() =>
        Assert.That(Reasons(new LeafRequest("a.example") { NotBefore = Now.AddDays(-90), NotAfter = Now }, "a.example"), Is.EqualTo(new[] { PkiReasons.Expired }));

    [Test]
    public void A_CA_certificate_is_no_server_certificate() =>
        Assert.That(Reasons(new LeafRequest("a.example") { IsAuthority = true }, "a.example"), Is.EqualTo(new[] { PkiReasons.NotALeaf }));

    [Test]
    public void A_certificate_for_clients_is_found() =>
        Assert.That(Reasons(new LeafRequest("a.example") { KeyUsages = [LeafRequest.ClientAuth] }, "a.example"), Is.EqualTo(new[] { PkiReasons.NotAServerCertificate }));

    [Test]
    public void A_certificate_without_extended_key_usage_is_good() =>
        Assert.That(Reasons(new LeafRequest("a.example") { KeyUsages = null }, "a.example"), Is.Empty);

    [Test]
    public void A_leaf_without_issuers_is_good()
    {
        using var leaf = _pki.Root.Issue(new LeafRequest("a.example"));
        Assert.That(Reasons(leaf, leaf.Pem, "a.example"), Is.Empty);
    }

    [Test]
    public void A_chain_up_to_the_root_is_good()
    {
        using var leaf = _pki.Lower.Issue(new LeafRequest("a.example"));
        Assert.That(Reasons(leaf, leaf.ChainPem + _pki.Root.Pem, "a.example"), Is.Empty);
    }

    [Test]
    public void A_signature_by_another_CA_of_the_same_name_is_found()
    {
        using var root = TestAuthority.CreateRoot(new ManualTimeProvider(Now), "Forged");
        using var imposter = TestAuthority.CreateRoot(new ManualTimeProvider(Now), "Forged");
        using var leaf = Unlinked(root);
        Assert.That(Reasons(leaf, leaf.Pem + imposter.Pem, "a.example"), Is.EqualTo(new[] { PkiReasons.BrokenChain }));
    }

    [Test]
    public void A_forged_link_in_the_middle_is_found_at_its_position()
    {
        using var root = TestAuthority.CreateRoot(new ManualTimeProvider(Now));
        using var middle = root.CreateIntermediate("Middle");
        using var leaf = middle.Issue(new LeafRequest("a.example"));
        var forged = (byte[])middle.Certificate.RawData.Clone();
        forged[^1] ^= 1;
        using var chain = CertificateChain.Parse(leaf.Pem + PemEncoding.WriteString("CERTIFICATE", forged) + "\n" + root.Pem, PemLimits.Issued);
        var defects = IssuedCertificateCheck.Check(chain, leaf.Key.ExportSubjectPublicKeyInfo(), ["a.example"], Now);
        Assert.That(defects.OfType<CertificateDefect.BrokenChain>().Single().Position, Is.EqualTo(1));
    }

    [Test]
    public void A_forged_link_below_a_CA_that_is_not_the_root_is_found()
    {
        using var leaf = _pki.Lower.Issue(new LeafRequest("a.example"));
        var forged = (byte[])_pki.Lower.Certificate.RawData.Clone();
        forged[^1] ^= 1;
        Assert.That(Reasons(leaf, leaf.Pem + PemEncoding.WriteString("CERTIFICATE", forged) + "\n" + _pki.Upper.Pem, "a.example"), Is.EqualTo(new[] { PkiReasons.BrokenChain }));
    }

    [Test]
    public void A_forged_leaf_signature_is_found()
    {
        using var leaf = _pki.Lower.Issue(new LeafRequest("a.example"));
        var forged = (byte[])leaf.Certificate.RawData.Clone();
        forged[^1] ^= 1;
        Assert.That(Reasons(leaf, PemEncoding.WriteString("CERTIFICATE", forged) + "\n" + _pki.Lower.Pem + _pki.Upper.Pem, "a.example"), Is.EqualTo(new[] { PkiReasons.BrokenChain }));
    }

    [Test]
    public void An_issuer_that_is_no_CA_is_found()
    {
        using var fake = _pki.Root.CreateIntermediate("Not A CA", isAuthority: false);
        using var leaf = fake.Issue(new LeafRequest("a.example"));
        Assert.That(Reasons(leaf, leaf.ChainPem, "a.example"), Is.EqualTo(new[] { PkiReasons.BrokenChain }));
    }

    [Test]
    public void A_CA_below_one_that_allows_none_is_found()
    {
        using var last = _pki.Root.CreateIntermediate("Last CA", pathLength: 0);
        using var below = last.CreateIntermediate("Below");
        using var leaf = below.Issue(new LeafRequest("a.example"));
        Assert.That(Reasons(leaf, leaf.ChainPem + _pki.Root.Pem, "a.example"), Is.EqualTo(new[] { PkiReasons.BrokenChain }));
    }

    [Test]
    public void An_expired_issuer_is_found()
    {
        using var old = _pki.Root.CreateIntermediate("Old CA", notAfter: Now.AddDays(-1));
        using var leaf = old.Issue(new LeafRequest("a.example"));
        Assert.That(Reasons(leaf, leaf.ChainPem, "a.example"), Is.EqualTo(new[] { PkiReasons.BrokenChain }));
    }

    // Without key identifiers, only the signature tells two CAs of one name apart.
    private static IssuedLeaf Unlinked(TestAuthority authority)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("a.example");
        request.CertificateExtensions.Add(names.Build());
        using var signer = authority.Certificate.GetECDsaPrivateKey()!;
        return new IssuedLeaf(request.Create(authority.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), Now.AddHours(-1), Now.AddDays(1), [1, 2, 3]), key, "");
    }
}
