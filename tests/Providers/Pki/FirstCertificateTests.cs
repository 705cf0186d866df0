using System.Text;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Pki;

public sealed class FirstCertificateTests
{
    private PkiFixture _pki = null!;

    [OneTimeSetUp]
    public void Create() => _pki = new PkiFixture();

    [OneTimeTearDown]
    public void Dispose() => _pki.Dispose();

    [Test]
    public void The_first_certificate_counts_whatever_stands_around_it()
    {
        using var leaf = _pki.Lower.Issue(new LeafRequest("www.example.com", "example.com") { NotAfter = PkiFixture.Now.AddDays(9) });
        using var other = _pki.StrangersChild.Issue(new LeafRequest("other.example.com"));
        foreach (var text in new[] { leaf.Pem, leaf.ChainPem, "subject=x\n" + leaf.Pem + other.Pem, leaf.KeyPem + leaf.Pem, leaf.Pem + _pki.Root.Pem + _pki.Upper.Pem, leaf.Pem + leaf.Pem })
        {
            var facts = FirstCertificate.Read(Encoding.ASCII.GetBytes(text), PemLimits.Stored);

            Assert.That((facts.Names.First(), facts.NotAfter), Is.EqualTo(("www.example.com", PkiFixture.Now.AddDays(9))));
        }
    }

    [TestCase("", PkiReasons.MissingData)]
    [TestCase("what is this", PkiReasons.NoCertificate)]
    [TestCase("-----BEGIN CERTIFICATE-----\nAAAA", PkiReasons.NotPem)]
    [TestCase("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", PkiReasons.InvalidCertificate)]
    [TestCase("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----", PkiReasons.NotPem)]
    public void What_is_none_is_refused_with_a_reason(string text, string reason)
        => Assert.That(
            () => FirstCertificate.Read(Encoding.ASCII.GetBytes(text), PemLimits.Stored),
            Throws.InstanceOf<PkiException>().With.Property(nameof(PkiException.Reason)).EqualTo(reason));

    [Test]
    public void What_is_not_there_or_too_large_is_refused_before_it_is_looked_at()
    {
        Assert.That(() => FirstCertificate.Read(null, PemLimits.Stored), Throws.InstanceOf<PkiException>().With.Property(nameof(PkiException.Reason)).EqualTo(PkiReasons.MissingData));
        Assert.That(() => FirstCertificate.Read(new byte[1_000_000], PemLimits.Stored), Throws.InstanceOf<PkiException>().With.Property(nameof(PkiException.Reason)).EqualTo(PkiReasons.TooLarge));
    }

    [Test]
    public void A_spoilt_one_is_read_or_refused()
    {
        using var leaf = _pki.Lower.Issue(new LeafRequest("www.example.com"));
        byte[][] samples = [Encoding.ASCII.GetBytes(leaf.ChainPem), Encoding.ASCII.GetBytes(leaf.KeyPem + leaf.Pem)];
        for (int seed = 0; seed < 1000; seed++)
        {
            try
            {
                FirstCertificate.Read(Mutator.Spoil(samples, seed), PemLimits.Stored);
            }
            catch (PkiException)
            {
                // One of the two is what has to come of it.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        }
    }
}
