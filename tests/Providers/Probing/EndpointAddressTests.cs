using CertOperator.Providers.Probing;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Probing;

internal sealed class EndpointAddressTests
{
    private const string Field = "spec.verify.endpoints[0]";

    [TestCase("www.example.com", "www.example.com", 443)]
    [TestCase("WWW.example.com:8443", "www.example.com", 8443)]
    [TestCase("web", "web", 443)]
    [TestCase("web.ns.svc:8443", "web.ns.svc", 8443)]
    [TestCase("192.0.2.1:1", "192.0.2.1", 1)]
    [TestCase("[::1]:443", "::1", 443)]
    [TestCase("[2001:db8:0::1]", "2001:db8::1", 443)]
    [TestCase("2001:db8::1", "2001:db8::1", 443)]
    [TestCase("a:65535", "a", 65535)]
    public void Reads(string text, string host, int port)
    {
        Assert.That(EndpointAddress.TryParse(text, Field, out var address, out var error), Is.True, error);
        Assert.That(address, Is.EqualTo(new EndpointAddress(host, port)));
        Assert.That(EndpointAddress.TryParse(address!.ToString(), Field, out var again, out _), Is.True);
        Assert.That(again, Is.EqualTo(address));
    }

    [TestCase(null, "is empty")]
    [TestCase(" ", "is empty")]
    [TestCase("https://www.example.com", "URL")]
    [TestCase("www.example.com/x", "path")]
    [TestCase("www.example.com:", "port")]
    [TestCase("www.example.com:0", "port")]
    [TestCase("www.example.com:65536", "port")]
    [TestCase("www.example.com:https", "port")]
    [TestCase("www.example.com:-1", "port")]
    [TestCase("www.example.com: 443", "port")]
    [TestCase("www.example.com:99999999999999999999", "port")]
    [TestCase("[::1", "bracket")]
    [TestCase("[::1]443", "bracket")]
    [TestCase("[www.example.com]:443", "bracket")]
    [TestCase(":443", "is empty")]
    [TestCase("a:b:c", "colon")]
    [TestCase("*.example.com:443", "wildcard")]
    [TestCase("fe80::1%eth0", "zone")]
    public void Refuses_with_advice(string? text, string part)
    {
        Assert.That(EndpointAddress.TryParse(text, Field, out var address, out var error), Is.False);
        Assert.That(address, Is.Null);
        Assert.That(error, Does.StartWith(Field + ": ").And.Contain(part));
    }

    [Test]
    public void Another_default_port_is_used() =>
        Assert.That(EndpointAddress.TryParse("a.example", Field, out var address, out _, 636) ? address!.Port : 0, Is.EqualTo(636));

    [Test]
    public void Any_text_gives_an_answer()
    {
        var random = new Random(21);
        const string Alphabet = "ab.:[]%/0123456789-*\0 ";
        for (var i = 0; i < 50_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 30)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            if (EndpointAddress.TryParse(text, Field, out var address, out _))
            {
                Assert.That(EndpointAddress.TryParse(address!.ToString(), Field, out var again, out var error), Is.True, error);
                Assert.That(again, Is.EqualTo(address));
            }
        }
    }
}
