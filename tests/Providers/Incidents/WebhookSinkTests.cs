using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CertOperator.Providers.Incidents;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Incidents;

internal sealed class WebhookSinkTests : SinkTest
{
    private static readonly byte[] Key = "a signing key"u8.ToArray();

    [Test]
    public async Task The_document_is_complete_and_signed()
    {
        var receiver = await ReceiverAsync();

        var outcome = await TellAsync(Target(receiver));

        var request = receiver.Requests.Single();
        var timestamp = Header(request, "CertOperator-Timestamp")!;
        var signature = "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Key, (byte[])[.. Encoding.ASCII.GetBytes(timestamp + "."), .. request.Body]));
        var expected = JsonNode.Parse(
            """
            {
              "version": "certoperator.io/incident.v1", "event": "opened", "deliveryId": "0123456789abcdef", "dedupKey": "certoperator/prod/shop/www/RenewalFailed",
              "cause": "RenewalFailed", "severity": "high", "summary": "The certificate renewal of www.example.com fails: the CA said \"<no>\" & more",
              "reason": "NameRefused", "message": "PlaceOrder: the CA said \"<no>\" & more", "cluster": "prod", "namespace": "shop", "policy": "www",
              "hostname": "www.example.com", "run": "www-1", "since": "2029-12-31T23:00:00.000Z", "certificateExpires": "2030-01-20T12:00:00.000Z",
              "nextAttempt": "2030-01-01T00:01:00.000Z", "consecutiveFailures": 3, "runbook": "https://wiki.example.com/certificates"
            }
            """);
        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Delivered()));
        Assert.That((request.Method, request.Target, Header(request, "Content-Type")), Is.EqualTo(("POST", "/hook?channel=a", "application/json")));
        Assert.That((Header(request, "CertOperator-Event"), Header(request, "CertOperator-Delivery")), Is.EqualTo(("opened", "0123456789abcdef")));
        Assert.That(timestamp, Is.EqualTo(Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        Assert.That(Header(request, "CertOperator-Signature"), Is.EqualTo(signature));
        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(request.Body), expected), Is.True, request.BodyText);
    }

    [Test]
    public async Task The_end_says_when_and_by_which_run()
    {
        var receiver = await ReceiverAsync();

        await TellAsync(Target(receiver), Resolved);

        var sent = JsonNode.Parse(receiver.Requests.Single().Body)!.AsObject();
        Assert.That((sent["event"]!.GetValue<string>(), sent["resolvedAt"]!.GetValue<string>(), sent["run"]!.GetValue<string>()), Is.EqualTo(("resolved", "2030-01-01T00:00:00.000Z", "www-2")));
        Assert.That(sent.ContainsKey("message"), Is.False);
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_is_not_followed_and_not_repeated(int status)
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(status, "text/plain", "", ("Location", "http://169.254.169.254/latest/meta-data")));

        var outcome = await TellAsync(Target(receiver));

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Refused(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1 answered {status}, a redirect, which is not followed. Give the address that it leads to."))));
        Assert.That(receiver.Requests, Has.Count.EqualTo(1));
    }

    [TestCase(400)]
    [TestCase(404)]
    [TestCase(500)]
    public async Task Any_other_answer_is_tried_again_and_what_it_said_is_not_repeated(int status)
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(status, "text/plain", "the secrets of an internal server"));

        Assert.That(await TellAsync(Target(receiver)), Is.EqualTo(new DeliveryOutcome.Retry(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1 answered {status}."), null)));
    }

    [Test]
    public async Task A_connection_that_breaks_is_tried_again()
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Dropped);

        Assert.That(await TellAsync(Target(receiver)), Is.TypeOf<DeliveryOutcome.Retry>());
    }

    [TestCase("http://[::1]:8080/", "a loopback address")]
    [TestCase("http://127.0.0.2/", "a loopback address")]
    [TestCase("http://169.254.169.254/latest", "metadata")]
    [TestCase("http://10.1.2.3/", "a private address")]
    public async Task An_address_that_is_not_allowed_is_refused_with_the_way_to_allow_it(string url, string kind)
    {
        var outcome = await TellAsync(new IncidentTarget.Webhook("ops", new Uri(url), Key, null));

        Assert.That(outcome, Is.TypeOf<DeliveryOutcome.Refused>().With.Property("Message").Contains(kind).And.Property("Message").Contains("--egress-allow"));
    }

    [Test]
    public async Task A_name_that_resolves_to_another_address_later_is_checked_again()
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(202, "text/plain", "", ("Connection", "close")));
        Resolver.Answer("hooks.example.com", "127.0.0.1").Answer("hooks.example.com", "169.254.169.254");
        var target = new IncidentTarget.Webhook("ops", new Uri($"http://hooks.example.com:{receiver.Address.Port}/"), Key, null);

        var first = await TellAsync(target);
        var second = await TellAsync(target);

        Assert.That(first, Is.EqualTo(new DeliveryOutcome.Delivered()));
        Assert.That(second, Is.TypeOf<DeliveryOutcome.Refused>().With.Property("Message").Contains("hooks.example.com resolves to 169.254.169.254"));
    }

    [Test]
    public async Task A_bundle_that_cannot_be_read_is_said()
    {
        var outcome = await TellAsync(new IncidentTarget.Webhook("ops", new Uri("https://127.0.0.1/"), Key, "nonsense"));

        Assert.That(outcome, Is.TypeOf<DeliveryOutcome.Refused>().With.Property("Message").StartsWith("caBundle: "));
    }

    private static IncidentTarget.Webhook Target(HttpReceiver receiver) => new("ops", new Uri(receiver.Address, "/hook?channel=a"), Key, null);
}
