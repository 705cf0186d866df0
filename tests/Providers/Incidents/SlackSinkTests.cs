using System.Globalization;
using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Providers.Incidents;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Incidents;

internal sealed class SlackSinkTests : SinkTest
{
    [Test]
    public async Task The_message_tells_what_a_person_wants_to_know_and_cannot_call_anybody()
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(200, "text/plain", "ok"));

        var outcome = await TellAsync(Target(receiver), Opened with { Summary = "It fails: <!channel> & all" });

        var request = receiver.Requests.Single();
        var expected = JsonNode.Parse(
            """
            {
              "text": "It fails: &lt;!channel&gt; &amp; all",
              "attachments": [{
                "color": "#c62828", "fallback": "It fails: &lt;!channel&gt; &amp; all", "title": "What to do first", "title_link": "https://wiki.example.com/certificates",
                "fields": [
                  { "title": "Policy", "value": "shop/www", "short": true },
                  { "title": "Cluster", "value": "prod", "short": true },
                  { "title": "Severity", "value": "High", "short": true },
                  { "title": "Since", "value": "2029-12-31 23:00 UTC", "short": true },
                  { "title": "Why", "value": "PlaceOrder: the CA said \"&lt;no&gt;\" &amp; more", "short": true },
                  { "title": "Certificate expires", "value": "2030-01-20 12:00 UTC", "short": true },
                  { "title": "Tried again", "value": "2030-01-01 00:01 UTC", "short": true },
                  { "title": "Run", "value": "www-1", "short": true }
                ]
              }]
            }
            """);
        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Delivered()));
        Assert.That((request.Method, request.Target), Is.EqualTo(("POST", "/services/T0/B0/token")));
        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(request.Body), expected), Is.True, request.BodyText);
    }

    [Test]
    public async Task The_end_is_green()
    {
        var receiver = await ReceiverAsync();

        await TellAsync(Target(receiver), Resolved);

        Assert.That(JsonNode.Parse(receiver.Requests.Single().Body)!["attachments"]![0]!["color"]!.GetValue<string>(), Is.EqualTo("#2e7d32"));
    }

    [TestCase(Criticality.Low, "#1565c0")]
    [TestCase(Criticality.Medium, "#f9a825")]
    [TestCase(Criticality.Critical, "#c62828")]
    public async Task The_colour_follows_the_severity(Criticality severity, string colour)
    {
        var receiver = await ReceiverAsync();

        await TellAsync(Target(receiver), Opened with { Severity = severity });

        Assert.That(JsonNode.Parse(receiver.Requests.Single().Body)!["attachments"]![0]!["color"]!.GetValue<string>(), Is.EqualTo(colour));
    }

    [TestCase(403)]
    [TestCase(404)]
    [TestCase(410)]
    public async Task A_webhook_that_is_gone_is_not_tried_again_and_its_address_stays_secret(int status)
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(status, "text/plain", "no_service"));

        var outcome = await TellAsync(Target(receiver));

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Refused(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1 refused the message ({status}). Check that the webhook still exists and that its channel is not archived."))));
    }

    [TestCase(429)]
    [TestCase(500)]
    public async Task An_overloaded_server_is_tried_again(int status)
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(status, "text/plain", "", ("Retry-After", "7")));

        Assert.That(await TellAsync(Target(receiver)), Is.TypeOf<DeliveryOutcome.Retry>().With.Property("RetryAfter").EqualTo(TimeSpan.FromSeconds(7)));
    }

    private static IncidentTarget.Slack Target(HttpReceiver receiver) => new(new Uri(receiver.Address, "/services/T0/B0/token"));
}
