using CertOperator.Operator.Options;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Options;

public sealed class OptionValuesTests
{
    [TestCase("http01-listen", "0.0.0.0:8402")]
    [TestCase("http01-listen", "127.0.0.1:0")]
    [TestCase("http01-listen", "[::]:8402")]
    [TestCase("http01-listen", "[2001:db8::1]:65535")]
    [TestCase("namespaces", "a,b-c,d2")]
    [TestCase("http01-service", "certoperator-system/certoperator")]
    [TestCase("http01-self-check-port", "80")]
    [TestCase("egress-allow", "0.0.0.0/0")]
    [TestCase("egress-allow", "::1")]
    [TestCase("workers", "256")]
    [TestCase("secret-check-interval", "automatic")]
    [TestCase("secret-check-interval", "24h")]
    [TestCase("shutdown-timeout", "1s")]
    [TestCase("lease-name", "a.b-c")]
    public void Accepted(string option, string text)
    {
        Assert.That(Apply(option, text), Is.Not.Null);
    }

    [TestCase("http01-listen", "")]
    [TestCase("http01-listen", "8402")]
    [TestCase("http01-listen", ":8402")]
    [TestCase("http01-listen", "localhost:8402")]
    [TestCase("http01-listen", "127.0.0.1")]
    [TestCase("http01-listen", "127.1:80")]
    [TestCase("http01-listen", "127.0.0.256:80")]
    [TestCase("http01-listen", "0.0.0.0:65536")]
    [TestCase("http01-listen", "0.0.0.0:-1")]
    [TestCase("http01-listen", "::8402")]
    [TestCase("http01-listen", "[::]")]
    [TestCase("http01-listen", "[1.2.3]:80")]
    [TestCase("http01-listen", "0.0.0.0:8402\n")]
    [TestCase("http01-service", "certoperator")]
    [TestCase("http01-service", "a/b/c")]
    [TestCase("http01-service", "/b")]
    [TestCase("http01-service", "a/B")]
    [TestCase("http01-self-check-port", "0")]
    [TestCase("namespaces", "")]
    [TestCase("namespaces", "a,,b")]
    [TestCase("namespaces", "A")]
    [TestCase("namespaces", "a.b")]
    [TestCase("namespaces", "-a")]
    [TestCase("egress-allow", "10.0.0.1/8")]
    [TestCase("egress-allow", "10.0.0.0/33")]
    [TestCase("egress-allow", "10")]
    [TestCase("egress-allow", "10/8")]
    [TestCase("egress-allow", "example.com")]
    [TestCase("workers", "257")]
    [TestCase("workers", "1.5")]
    [TestCase("workers", "+1")]
    [TestCase("workers", "99999999999999999999")]
    [TestCase("leader-elect", "yes")]
    [TestCase("secret-check-interval", "9s")]
    [TestCase("secret-check-interval", "25h")]
    [TestCase("shutdown-timeout", "-20s")]
    [TestCase("shutdown-timeout", "9999999999999h")]
    [TestCase("log-level", "Info")]
    [TestCase("lease-name", "a..b")]
    [TestCase("kubeconfig", "")]
    public void Refused(string option, string text)
    {
        Assert.That(Apply(option, text), Is.Null);
    }

    [TestCase("10.0.0.1/8", "10.0.0.1/8 has bits set behind the prefix; write 10.0.0.0/8")]
    [TestCase("10.0.0.0/8,10/8", "10/8 is no network; write it as 10.0.0.0/8 or fd00::/8")]
    public void A_network_that_is_refused_says_how_it_is_written(string text, string advice) =>
        Assert.That(OptionTable.All.Single(o => o.Name == "egress-allow").Explain!(text), Is.EqualTo(advice));

    private static OperatorOptions? Apply(string option, string text) =>
        OptionTable.All.Single(o => o.Name == option).Apply(new OperatorOptions(), text);
}
