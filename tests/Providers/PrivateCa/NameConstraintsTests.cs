using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.PrivateCa;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.PrivateCa;

public sealed class NameConstraintsTests
{
    [TestCase("example.com", true)]
    [TestCase("www.example.com", true)]
    [TestCase("a.b.example.com", true)]
    [TestCase("*.shop.example.com", true)]
    [TestCase("*.SHOP.EXAMPLE.com", true)]
    [TestCase("*.example.com", false)]
    [TestCase("notexample.com", false)]
    [TestCase("example.com.evil.org", false)]
    [TestCase("*.com", false)]
    [TestCase("intern.example.com", false)]
    [TestCase("db.intern.example.com", false)]
    [TestCase("*.intern.example.com", false)]
    [TestCase("10.1.2.3", true)]
    [TestCase("10.2.2.3", false)]
    [TestCase("10.1.9.9", false)]
    [TestCase("192.168.0.1", false)]
    [TestCase("fd00::1", false)]
    public void Names_are_permitted_and_excluded_as_the_CA_says(string name, bool allowed)
    {
        var constraints = Of(["example.com"], ["10.1.0.0/255.255.0.0"], ["intern.example.com"], ["10.1.9.0/255.255.255.0"]);
        Assert.That(constraints.FindProblem(name), allowed ? Is.Null : Does.StartWith(name));
    }

    [Test]
    public void A_wildcard_that_stands_for_an_excluded_name_is_refused()
    {
        var constraints = Of([], [], ["www.example.com"], []);
        Assert.That(constraints.FindProblem("*.example.com"), Does.Contain("excluded"));
        Assert.That(constraints.FindProblem("*.com"), Is.Null, "a wildcard stands for one label");
        Assert.That(constraints.FindProblem("example.com"), Is.Null);
    }

    [Test]
    public void Where_only_names_are_constrained_addresses_are_free_and_the_other_way_round()
    {
        Assert.That(Of(["example.com"], [], [], []).FindProblem("192.0.2.1"), Is.Null);
        Assert.That(Of([], ["192.0.2.0/255.255.255.0"], [], []).FindProblem("anything.example.net"), Is.Null);
        Assert.That(Of([""], [], [], []).FindProblem("anything.example.net"), Is.Null, "the empty domain holds all");
    }

    [Test]
    public void What_the_operator_permits_is_read_as_it_was_meant()
    {
        using var certificate = With(NameConstraints.Permit(["example.com", "example.net"]));
        var constraints = NameConstraints.Of(certificate)!;
        Assert.That(constraints.FindProblem("www.example.net"), Is.Null);
        Assert.That(constraints.FindProblem("www.example.org"), Does.Contain("permit (example.com, example.net)"));
        Assert.That(constraints.FindProblem("192.0.2.1"), Does.Contain("excluded"));
        Assert.That(constraints.FindProblem("2001:db8::1"), Does.Contain("excluded"));
    }

    [TestCase("")]
    [TestCase("3000300030")]
    [TestCase("30058203000102")]
    public void What_is_no_constraint_is_refused(string hex)
    {
        using var certificate = With(new X509Extension(NameConstraints.Oid, Convert.FromHexString(hex), critical: true));
        Assert.That(() => NameConstraints.Of(certificate), Throws.TypeOf<AsnContentException>());
    }

    private static NameConstraints Of(string[] permitted, string[] permittedNetworks, string[] excluded, string[] excludedNetworks)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Write(writer, 0, permitted, permittedNetworks);
            Write(writer, 1, excluded, excludedNetworks);
        }

        using var certificate = With(new X509Extension(NameConstraints.Oid, writer.Encode(), critical: true));
        return NameConstraints.Of(certificate)!;
    }

    private static void Write(AsnWriter writer, int tag, string[] domains, string[] networks)
    {
        if (domains.Length + networks.Length == 0)
        {
            return;
        }

        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, tag, true)))
        {
            foreach (var domain in domains)
            {
                using (writer.PushSequence())
                {
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, domain, new Asn1Tag(TagClass.ContextSpecific, 2));
                }
            }

            foreach (var network in networks)
            {
                using (writer.PushSequence())
                {
                    writer.WriteOctetString([.. network.Split('/').SelectMany(p => IPAddress.Parse(p).GetAddressBytes())], new Asn1Tag(TagClass.ContextSpecific, 7));
                }
            }
        }
    }

    private static X509Certificate2 With(X509Extension extension)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(extension);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
