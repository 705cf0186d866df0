using CertOperator.Crds.Rules;
using NUnit.Framework;

namespace CertOperator.Crds.Tests.Rules;

internal sealed class HostnameRulesTests
{
    private const string Field = "spec.hostname";

    [TestCase("www.example.com")]
    [TestCase("WWW.Example.COM")]
    [TestCase("a.b")]
    [TestCase("xn--bcher-kva.example")]
    [TestCase("*.example.com")]
    [TestCase("*.xn--bcher-kva.example")]
    [TestCase("xn--i-7iq.example")]
    [TestCase("XN--R8JZ45G.xn--zckzah")]
    [TestCase("printer.local")]
    [TestCase("vault.internal")]
    [TestCase("1.example")]
    [TestCase("3com.example")]
    [TestCase("r3---sn-abc.example.com")]
    [TestCase("192.0.2.1")]
    [TestCase("2001:db8::1")]
    [TestCase("2001:0DB8:0:0:0:0:0:1")]
    public void Accepts(string name) =>
        Assert.That(HostnameRules.Check(name, Field, HostnameOptions.CertificateName), Is.Null);

    [TestCase("", "is empty")]
    [TestCase("   ", "is empty")]
    [TestCase(" example.com", "white space")]
    [TestCase("example.com\n", "white space")]
    [TestCase("exa mple.com", "white space")]
    [TestCase("https://www.example.com/path", "write its host alone: 'www.example.com'")]
    [TestCase("https://", "is a URL")]
    [TestCase("www.example.com:443", "without a port")]
    [TestCase("www.example.com/index", "slash")]
    [TestCase("10.0.0.0/8", "slash")]
    [TestCase("me@example.com", "@")]
    [TestCase("[2001:db8::1]", "brackets")]
    [TestCase("[2001:db8::1]:443", "brackets")]
    [TestCase("fe80::1%eth0", "zone")]
    [TestCase("2001:db8:::1", "colon")]
    [TestCase("::ffff:192.0.2.1", "write 192.0.2.1")]
    [TestCase("example.com.", "ends with a dot")]
    [TestCase(".example.com", "empty label")]
    [TestCase("www..example.com", "empty label")]
    [TestCase(".", "ends with a dot")]
    [TestCase("..", "ends with a dot")]
    [TestCase("_acme.example.com", "underscore")]
    [TestCase("-a.example.com", "hyphen")]
    [TestCase("a-.example.com", "hyphen")]
    [TestCase("a.example.com-", "hyphen")]
    [TestCase("a$b.example.com", "the character '$'")]
    [TestCase("a\0b.example.com", "the character '?'")]
    [TestCase("localhost", "single label")]
    [TestCase("*", "wildcard elsewhere")]
    [TestCase("*.com", "wildcard right under a top-level name")]
    [TestCase("*.*.example.com", "wildcard elsewhere")]
    [TestCase("www.*.example.com", "wildcard elsewhere")]
    [TestCase("w*.example.com", "wildcard elsewhere")]
    [TestCase("**.example.com", "wildcard elsewhere")]
    [TestCase("*example.com", "wildcard elsewhere")]
    [TestCase("*.", "ends with a dot")]
    [TestCase("1.2.3", "ends in a number")]
    [TestCase("127.1", "ends in a number")]
    [TestCase("192.0.2.256", "ends in a number")]
    [TestCase("192.0.2.01", "ends in a number")]
    [TestCase("example.123", "ends in a number")]
    [TestCase("xn--.example", "hyphen")]
    [TestCase("xn--zzzzzz999999999.example", "international")]
    [TestCase("xn--a.example", "international")]
    [TestCase("xn--0.example", "international")]
    [TestCase("b\u00fccher.example", "'xn--bcher-kva.example'")]
    [TestCase("B\u00dcCHER.example", "'xn--bcher-kva.example'")]
    [TestCase("*.b\u00fccher.example", "'*.xn--bcher-kva.example'")]
    [TestCase("bu\u0308cher.example", "with xn-- labels")]
    [TestCase("\u4f8b\u3048.\u30c6\u30b9\u30c8", "'xn--r8jz45g.xn--zckzah'")]
    public void Refuses_with_advice(string name, string part) =>
        Assert.That(HostnameRules.Check(name, Field, HostnameOptions.CertificateName), Does.StartWith("spec.hostname: ").And.Contain(part));

    [Test]
    public void Refuses_null() => Assert.That(HostnameRules.Check(null, Field, HostnameOptions.CertificateName), Does.Contain("is empty"));

    [TestCase("*.example.com", "wildcard")]
    [TestCase("192.0.2.1", "IP address")]
    [TestCase("[2001:db8::1]", "IP address")]
    [TestCase("www", "single label")]
    public void Refuses_what_the_place_does_not_allow(string name, string part) =>
        Assert.That(HostnameRules.Check(name, Field, new HostnameOptions()), Does.Contain(part));

    [Test]
    public void Lengths_are_exact()
    {
        var label63 = new string('a', 63);
        var name253 = $"{label63}.{label63}.{label63}.{new string('b', 57)}.com";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(name253, Has.Length.EqualTo(253));
            Assert.That(HostnameRules.Check(name253, Field, HostnameOptions.CertificateName), Is.Null);
            Assert.That(HostnameRules.Check("a" + name253, Field, HostnameOptions.CertificateName), Does.Contain("253"));
            Assert.That(HostnameRules.Check($"a{label63}.com", Field, HostnameOptions.CertificateName), Does.Contain("64").And.Contain("63"));
        }
    }

    [Test]
    public void A_huge_name_gives_a_short_message() =>
        Assert.That(HostnameRules.Check(new string('x', 5_000_000), Field, HostnameOptions.CertificateName), Has.Length.LessThan(300));

    [TestCase("WWW.Example.com", "www.example.com")]
    [TestCase("2001:0DB8:0:0:0:0:0:1", "2001:db8::1")]
    [TestCase("192.0.2.1", "192.0.2.1")]
    [TestCase("127.1", "127.1")]
    [TestCase("", "")]
    public void Normalises(string name, string expected) => Assert.That(HostnameRules.Normalise(name), Is.EqualTo(expected));

    [Test]
    public void A_set_of_different_names_is_good() =>
        Assert.That(HostnameRules.CheckSet("*.example.com", ["example.com", "www.example.com", "192.0.2.1"]), Is.Empty);

    [Test]
    public void A_set_without_further_names_is_good() => Assert.That(HostnameRules.CheckSet("example.com", null), Is.Empty);

    [Test]
    public void A_name_twice_is_reported_with_both_places() =>
        Assert.That(
            HostnameRules.CheckSet("example.com", ["www.example.com", "EXAMPLE.com", "2001:db8::1", "2001:db8:0::1"]),
            Is.EqualTo(new[]
            {
                "spec.additionalNames[1]: 'EXAMPLE.com' stands in spec.hostname already; remove one of them",
                "spec.additionalNames[3]: '2001:db8:0::1' stands in spec.additionalNames[2] already; remove one of them",
            }));

    [Test]
    public void A_hundred_names_fit_and_the_next_is_reported_with_the_count()
    {
        var names = Enumerable.Range(0, 100).Select(i => $"n{i}.example.com").ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(HostnameRules.CheckSet("example.com", names[..99]), Is.Empty);
            Assert.That(HostnameRules.CheckSet("example.com", names), Has.Exactly(1).Contains("101 names"));
        }
    }

    [Test]
    public void Any_text_gives_an_answer_that_can_be_shown()
    {
        var random = new Random(7);
        const string Alphabet = "ab-._*:/[]%xn0123456789 \0\u00fc\u0308\u200d\ud83d\udca9A@\u3002";
        for (var i = 0; i < 50_000; i++)
        {
            var name = string.Concat(Enumerable.Range(0, random.Next(0, 40)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var error = HostnameRules.Check(name, Field, HostnameOptions.CertificateName);
            HostnameRules.Normalise(name);
            if (error is null)
            {
                Assert.That(name, Does.Match(@"^(\*\.)?[A-Za-z0-9.:-]+$"));
            }
            else
            {
                Assert.That(error.Any(char.IsControl), Is.False, error);
            }
        }
    }
}
