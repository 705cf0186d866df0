using System.Globalization;
using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Providers.Incidents;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Incidents;

internal sealed class PagerDutySinkTests : SinkTest
{
    private const string RoutingKey = "R0123456789ABCDEF0123456789ABCDE";

    [Test]
    public async Task An_incident_is_triggered_with_all_that_PagerDuty_asks_for()
    {
        var receiver = await ReceiverAsync();

        var outcome = await TellAsync(Target(receiver));

        var request = receiver.Requests.Single();
        var expected = JsonNode.Parse(
            """
            {
              "routing_key": "R0123456789ABCDEF0123456789ABCDE", "event_action": "trigger", "dedup_key": "certoperator/prod/shop/www/RenewalFailed",
              "payload": {
                "summary": "The certificate renewal of www.example.com fails: the CA said \"<no>\" & more", "source": "prod/shop/www", "severity": "error",
                "timestamp": "2029-12-31T23:00:00.000Z", "component": "www.example.com", "group": "shop", "class": "RenewalFailed",
                "custom_details": {
                  "version": "certoperator.io/incident.v1", "event": "opened", "delivery_id": "0123456789abcdef", "dedup_key": "certoperator/prod/shop/www/RenewalFailed",
                  "cause": "RenewalFailed", "severity": "high", "summary": "The certificate renewal of www.example.com fails: the CA said \"<no>\" & more",
                  "reason": "NameRefused", "message": "PlaceOrder: the CA said \"<no>\" & more", "cluster": "prod", "namespace": "shop", "policy": "www",
                  "hostname": "www.example.com", "run": "www-1", "since": "2029-12-31T23:00:00.000Z", "certificate_expires": "2030-01-20T12:00:00.000Z",
                  "next_attempt": "2030-01-01T00:01:00.000Z", "consecutive_failures": 3, "runbook": "https://wiki.example.com/certificates"
                }
              },
              "links": [{ "href": "https://wiki.example.com/certificates", "text": "What to do first" }],
              "client": "CertOperator"
            }
            """);
        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Delivered()));
        Assert.That((request.Method, request.Target, Header(request, "Content-Type")), Is.EqualTo(("POST", "/v2/enqueue", "application/json")));
        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(request.Body), expected), Is.True, request.BodyText);
    }

    [TestCase(IncidentChange.Opened, "trigger")]
    [TestCase(IncidentChange.Updated, "trigger")]
    [TestCase(IncidentChange.Acknowledged, "acknowledge")]
    [TestCase(IncidentChange.Resolved, "resolve")]
    public async Task Each_change_has_its_action_under_the_same_key(IncidentChange change, string action)
    {
        var receiver = await ReceiverAsync();

        await TellAsync(Target(receiver), Opened with { Change = change });

        var sent = JsonNode.Parse(receiver.Requests.Single().Body)!;
        Assert.That((Text(sent, "event_action"), Text(sent, "dedup_key"), Text(sent, "routing_key")), Is.EqualTo((action, Opened.DedupKey, RoutingKey)));
    }

    [TestCase(Criticality.Low, "info")]
    [TestCase(Criticality.Medium, "warning")]
    [TestCase(Criticality.High, "error")]
    [TestCase(Criticality.Critical, "critical")]
    public async Task The_severity_follows_from_the_criticality(Criticality criticality, string severity)
    {
        var receiver = await ReceiverAsync();

        await TellAsync(Target(receiver), Opened with { Severity = criticality });

        Assert.That(Text(JsonNode.Parse(receiver.Requests.Single().Body)!["payload"]!, "severity"), Is.EqualTo(severity));
    }

    [Test]
    public async Task An_incident_that_takes_the_place_of_another_resolves_that_first()
    {
        var receiver = await ReceiverAsync();

        await TellAsync(Target(receiver), Opened with { DedupKey = "new", Supersedes = "old" });

        var sent = receiver.Requests.Select(r => JsonNode.Parse(r.Body)!).Select(e => (Text(e, "event_action"), Text(e, "dedup_key")));
        Assert.That(sent, Is.EqualTo(new[] { ("resolve", "old"), ("trigger", "new") }));
    }

    [Test]
    public async Task A_long_summary_is_cut_and_has_one_line()
    {
        var receiver = await ReceiverAsync();

        await TellAsync(Target(receiver), Opened with { Summary = "a\r\nb" + new string('x', 5000) });

        var summary = Text(JsonNode.Parse(receiver.Requests.Single().Body)!["payload"]!, "summary");
        Assert.That(summary, Has.Length.EqualTo(1024).And.StartWith("a  b").And.EndWith("…"));
    }

    [Test]
    public async Task A_refused_event_is_not_tried_again_and_the_key_stays_out_of_the_message()
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(400, "application/json", $$"""{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect: {{RoutingKey}}"]}"""));

        var outcome = await TellAsync(Target(receiver));

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Refused(
            "127.0.0.1 refused the event (400: Length of 'routing_key' is incorrect: [routing key]). Check that the routing key is the integration key of an Events API v2 service.")));
    }

    [TestCase("""{"secret":"of somebody else"}""")]
    [TestCase("not JSON")]
    public async Task An_answer_that_is_not_PagerDutys_is_not_repeated(string body)
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(400, "application/json", body));

        var outcome = await TellAsync(Target(receiver));

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Refused("127.0.0.1 refused the event (400). Check that the routing key is the integration key of an Events API v2 service.")));
    }

    [TestCase(429, "30", 30)]
    [TestCase(503, "Tue, 01 Jan 2030 00:02:00 GMT", 120)]
    [TestCase(500, null, null)]
    [TestCase(429, "Mon, 31 Dec 2029 00:00:00 GMT", null)]
    [TestCase(429, "99999999", 86400)]
    public async Task An_overloaded_server_is_tried_again_when_it_says(int status, string? retryAfter, int? seconds)
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(status, "text/plain", "busy", retryAfter is null ? [] : [("Retry-After", retryAfter)]));

        var outcome = await TellAsync(Target(receiver));

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Retry(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1 answered {status}."), seconds is { } s ? TimeSpan.FromSeconds(s) : null)));
    }

    [Test]
    public async Task A_server_that_is_not_there_is_tried_again()
    {
        var target = new IncidentTarget.PagerDuty(RoutingKey, new Uri($"http://127.0.0.1:{FreePort.Next()}"));

        var outcome = await TellAsync(target);

        Assert.That(outcome, Is.TypeOf<DeliveryOutcome.Retry>().With.Property("Message").Contains("127.0.0.1").And.Property("Message").Not.Contain(RoutingKey));
    }

    private static IncidentTarget.PagerDuty Target(HttpReceiver receiver) => new(RoutingKey, receiver.Address);

    private static string? Text(JsonNode node, string name) => node[name]?.GetValue<string>();
}
