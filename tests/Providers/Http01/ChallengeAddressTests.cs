using CertOperator.Providers.Http01;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Http01;

internal sealed class ChallengeAddressTests
{
    [TestCase("www.example.com", "http://www.example.com/.well-known/acme-challenge/")]
    [TestCase("192.0.2.1", "http://192.0.2.1/.well-known/acme-challenge/")]
    [TestCase("2001:db8::1", "http://[2001:db8::1]/.well-known/acme-challenge/")]
    public void It_can_be_pasted_into_a_browser(string host, string address)
        => Assert.That(ChallengeAddress.Of(host), Is.EqualTo(address));
}
