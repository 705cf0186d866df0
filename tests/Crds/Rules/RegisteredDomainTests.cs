using CertOperator.Crds.Rules;
using NUnit.Framework;

namespace CertOperator.Crds.Tests.Rules;

public sealed class RegisteredDomainTests
{
    [TestCase("www.example.com", ExpectedResult = "example.com")]
    [TestCase("a.b.c.Example.COM", ExpectedResult = "example.com")]
    [TestCase("*.example.com", ExpectedResult = "example.com")]
    [TestCase("example.com", ExpectedResult = "example.com")]
    [TestCase("www.example.co.uk", ExpectedResult = "example.co.uk")]
    [TestCase("www.example.com.au", ExpectedResult = "example.com.au")]
    [TestCase("co.uk", ExpectedResult = "co.uk")]
    [TestCase("www.example.de", ExpectedResult = "example.de")]
    [TestCase("a.co.com", ExpectedResult = "co.com", Description = "a second level of a generic domain is nothing special")]
    [TestCase("localhost", ExpectedResult = "localhost")]
    [TestCase("192.0.2.1", ExpectedResult = null)]
    [TestCase("2001:db8::1", ExpectedResult = null)]
    public string? Domain_of(string name) => RegisteredDomain.Of(name);

    [Test]
    public void Several_names_of_one_domain_count_once()
        => Assert.That(RegisteredDomain.Of(["www.example.com", "api.example.com", "example.net", "192.0.2.1"]), Is.EqualTo(new[] { "example.com", "example.net" }));
}
