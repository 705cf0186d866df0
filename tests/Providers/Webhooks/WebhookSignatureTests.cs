using System.Text;
using CertOperator.Providers.Webhooks;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Webhooks;

internal sealed class WebhookSignatureTests
{
    // From: printf '1767225600.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
    private const string FromOpenssl = "539b0e21b535c5201ef7d1453c0a0de4ad132293226de9018be0cfbf0092faa6";

    [Test]
    public void The_signature_is_the_one_that_openssl_makes()
        => Assert.That(WebhookSignature.Of("0123456789abcdef"u8.ToArray(), "1767225600", "{\"a\":1}"u8.ToArray()), Is.EqualTo("v1=" + FromOpenssl));

    [Test]
    public void The_headers_carry_event_delivery_time_and_signature()
    {
        var body = Encoding.UTF8.GetBytes("{\"a\":1}");
        var headers = WebhookSignature.Headers("renewed", "d1", "0123456789abcdef"u8.ToArray(), body, DateTimeOffset.FromUnixTimeSeconds(1767225600));
        Assert.That(headers, Is.EqualTo(new Dictionary<string, string>
        {
            ["CertOperator-Event"] = "renewed",
            ["CertOperator-Delivery"] = "d1",
            ["CertOperator-Timestamp"] = "1767225600",
            ["CertOperator-Signature"] = "v1=" + FromOpenssl,
        }));
    }
}
