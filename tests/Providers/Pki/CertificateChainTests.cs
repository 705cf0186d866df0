using System.Security.Cryptography;
using System.Text;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Pki;

internal sealed class CertificateChainTests : IDisposable
{
    private PkiFixture _pki = null!;
    private IssuedLeaf _leaf = null!;

    [OneTimeSetUp]
    public void SetUp()
    {
        _pki = new PkiFixture();
        _leaf = _pki.Lower.Issue(new LeafRequest("www.Example.com", "example.com", "192.0.2.1", "2001:db8::1") { CommonName = "www.example.com" });
    }

    public void Dispose()
    {
        _leaf.Dispose();
        _pki.Dispose();
    }

    private static string ReasonOf(string pem, PemLimits? limits = null)
    {
        var e = Assert.Throws<PkiException>(() => CertificateChain.Parse(pem, limits ?? PemLimits.Issued).Dispose())!;
        Assert.That(e.Message, Does.EndWith("."));
        return e.Reason;
    }

    [Test]
    public void Reads_a_chain_and_writes_it_back()
    {
        using var chain = CertificateChain.Parse(_leaf.ChainPem, PemLimits.Issued);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(chain.Certificates, Has.Count.EqualTo(3));
            Assert.That(chain.ToPem(), Is.EqualTo(_leaf.ChainPem));
            Assert.That(chain.LeafPem, Is.EqualTo(_leaf.Pem));
        }
    }

    [Test]
    public void Tells_the_leafs_facts()
    {
        using var chain = CertificateChain.Parse(_leaf.ChainPem, PemLimits.Issued);
        var facts = chain.Facts;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(facts.Fingerprint, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(_leaf.Certificate.RawData))));
            Assert.That(facts.Serial, Is.EqualTo(_leaf.Certificate.SerialNumber).IgnoreCase);
            Assert.That(facts.DnsNames, Is.EqualTo(new[] { "www.Example.com", "example.com" }));
            Assert.That(facts.IpAddresses, Is.EqualTo(new[] { "192.0.2.1", "2001:db8::1" }));
            Assert.That(facts.Issuer, Is.EqualTo("CN=Lower CA"));
            Assert.That(facts.Subject, Is.EqualTo("CN=www.example.com"));
            Assert.That(facts.NotBefore, Is.EqualTo(PkiFixture.Now.AddHours(-1)));
            Assert.That(facts.NotAfter, Is.EqualTo(PkiFixture.Now.AddDays(90)));
            Assert.That(facts.NotAfter.Offset, Is.EqualTo(TimeSpan.Zero));
            Assert.That(facts.AuthorityKeyIdentifier, Has.Length.EqualTo(40));
        }
    }

    [Test]
    public void Sorts_issuers_that_come_in_another_order()
    {
        using var chain = CertificateChain.Parse(_leaf.Pem + _pki.Root.Pem + _pki.Upper.Pem + _pki.Lower.Pem, PemLimits.Issued);
        Assert.That(chain.ToPem(), Is.EqualTo(_leaf.ChainPem + _pki.Root.Pem));
    }

    [Test]
    public void Windows_line_ends_are_no_defect()
    {
        using var chain = CertificateChain.Parse(_leaf.ChainPem.Replace("\n", "\r\n"), PemLimits.Issued);
        Assert.That(chain.ToPem(), Is.EqualTo(_leaf.ChainPem));
    }

    [Test]
    public void A_leaf_that_comes_last_is_refused() =>
        Assert.That(ReasonOf(_pki.Upper.Pem + _pki.Lower.Pem + _leaf.Pem), Is.EqualTo(PkiReasons.WrongOrder));

    [Test]
    public void A_certificate_twice_is_refused() =>
        Assert.That(ReasonOf(_leaf.ChainPem + _leaf.Pem), Is.EqualTo(PkiReasons.DuplicateCertificate));

    [Test]
    public void A_missing_link_is_refused() =>
        Assert.That(ReasonOf(_leaf.Pem + _pki.Upper.Pem), Is.EqualTo(PkiReasons.BrokenChain));

    [Test]
    public void Another_CA_in_place_of_the_issuer_is_refused() =>
        Assert.That(ReasonOf(_leaf.Pem + _pki.StrangersChild.Pem), Is.EqualTo(PkiReasons.BrokenChain));

    [Test]
    public void A_CA_after_the_root_is_refused() =>
        Assert.That(ReasonOf(_leaf.ChainPem + _pki.Root.Pem + _pki.StrangersChild.Pem), Is.EqualTo(PkiReasons.UnrelatedCertificate));

    [Test]
    public void A_second_leaf_is_refused()
    {
        using var other = _pki.Lower.Issue(new LeafRequest("other.example.com"));
        Assert.That(ReasonOf(_leaf.ChainPem + other.Pem), Is.EqualTo(PkiReasons.UnrelatedCertificate));
    }

    [Test]
    public void A_private_key_is_refused_and_not_repeated()
    {
        var e = Assert.Throws<PkiException>(() => CertificateChain.Parse(_leaf.ChainPem + _leaf.KeyPem, PemLimits.Issued).Dispose())!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(e.Reason, Is.EqualTo(PkiReasons.PrivateKeyInChain));
            Assert.That(e.ToString(), Does.Not.Contain(_leaf.KeyPem.Split('\n')[1]));
        }
    }

    [Test]
    public void Text_behind_the_chain_is_refused_from_a_CA_and_passed_over_in_a_store()
    {
        var pem = _leaf.ChainPem + "trailing text\n";
        Assert.That(ReasonOf(pem), Is.EqualTo(PkiReasons.NotPem));
        using var chain = CertificateChain.Parse(pem, PemLimits.Stored);
        Assert.That(chain.Certificates, Has.Count.EqualTo(3));
    }

    [TestCase("", PkiReasons.NoCertificate)]
    [TestCase("  \n ", PkiReasons.NoCertificate)]
    [TestCase("<!DOCTYPE html><html><body>Not found</body></html>", PkiReasons.NotPem)]
    [TestCase("{\"type\":\"urn:ietf:params:acme:error:malformed\"}", PkiReasons.NotPem)]
    [TestCase("-----BEGIN CERTIFICATE-----\n", PkiReasons.NotPem)]
    [TestCase("-----BEGIN ", PkiReasons.NotPem)]
    [TestCase("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", PkiReasons.NotPem)]
    [TestCase("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", PkiReasons.NotPem)]
    [TestCase("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", PkiReasons.InvalidCertificate)]
    [TestCase("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", PkiReasons.InvalidCertificate)]
    [TestCase("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n", PkiReasons.NotPem)]
    public void Refuses(string pem, string reason) => Assert.That(ReasonOf(pem), Is.EqualTo(reason));

    [Test]
    public void An_HTML_page_is_called_one() =>
        Assert.That(() => CertificateChain.Parse("\ufeff <html>", PemLimits.Issued), Throws.TypeOf<PkiException>().With.Message.Contains("HTML"));

    [Test]
    public void A_chain_that_was_cut_off_is_refused() =>
        Assert.That(ReasonOf(_leaf.ChainPem[..^40]), Is.EqualTo(PkiReasons.NotPem));

    [Test]
    public void Bytes_behind_a_certificate_are_refused() =>
        Assert.That(ReasonOf(PemEncoding.WriteString("CERTIFICATE", [.. _leaf.Certificate.RawData, 0])), Is.EqualTo(PkiReasons.InvalidCertificate));

    [Test]
    public void Five_megabytes_are_refused_before_they_are_read()
    {
        var pem = new StringBuilder(_leaf.ChainPem);
        while (pem.Length < 5_000_000)
        {
            pem.Append(_pki.Upper.Pem);
        }

        Assert.That(ReasonOf(pem.ToString()), Is.EqualTo(PkiReasons.TooLarge));
    }

    [Test]
    public void A_leaf_over_its_own_limit_is_refused()
    {
        Assert.That(ReasonOf(_leaf.ChainPem, new PemLimits { LeafBytes = 300 }), Is.EqualTo(PkiReasons.TooLarge));
    }

    [Test]
    public void Two_hundred_and_fifty_names_fit()
    {
        var names = Enumerable.Range(0, 250).Select(i => $"{i}.{new string('a', 60)}.{new string('b', 25)}.example.com").ToArray();
        using var leaf = _pki.Lower.Issue(new LeafRequest(names));
        using var chain = CertificateChain.Parse(leaf.ChainPem, PemLimits.Issued);
        Assert.That(chain.Facts.DnsNames, Is.EqualTo(names));
    }

    [Test]
    public void A_name_field_that_cannot_be_decoded_is_refused()
    {
        using var leaf = _pki.Lower.Issue(new LeafRequest { Extensions = [new("2.5.29.17", [0x30, 0x03, 0x87, 0x01, 0x07], false)] });
        Assert.That(ReasonOf(leaf.ChainPem), Is.EqualTo(PkiReasons.InvalidCertificate));
    }

    [Test]
    public void Whatever_is_changed_the_answer_is_a_chain_or_a_reason()
    {
        var random = new Random(3);
        for (var i = 0; i < 3_000; i++)
        {
            var text = _leaf.ChainPem.ToCharArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                text[random.Next(text.Length)] = (char)random.Next(1, 300);
            }

            var pem = new string(text, 0, random.Next(4) == 0 ? random.Next(text.Length) : text.Length);
            try
            {
                using var chain = CertificateChain.Parse(pem, random.Next(2) == 0 ? PemLimits.Issued : PemLimits.Stored);
                IssuedCertificateCheck.Check(chain, [], ["a"], PkiFixture.Now);
            }
            catch (PkiException)
            {
                // The other answer that callers know.
            }
        }
    }

    [Test]
    public void Whatever_bytes_are_changed_the_answer_is_a_defect_or_a_reason()
    {
        var spki = _leaf.Certificate.PublicKey.ExportSubjectPublicKeyInfo();
        string[] wanted = ["www.example.com", "example.com", "192.0.2.1", "2001:db8::1"];
        var random = new Random(5);
        for (var i = 0; i < 3_000; i++)
        {
            var der = (byte[])_leaf.Certificate.RawData.Clone();
            der[random.Next(der.Length)] ^= (byte)random.Next(1, 256);
            try
            {
                using var chain = CertificateChain.Parse(PemEncoding.WriteString("CERTIFICATE", der) + "\n" + _pki.Lower.Pem, PemLimits.Issued);
                Assert.That(IssuedCertificateCheck.Check(chain, spki, wanted, PkiFixture.Now), Is.Not.Empty);
            }
            catch (PkiException)
            {
                // The other answer that callers know.
            }
        }
    }
}
