using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Incidents;

public sealed class IncidentTests : IncidentsTest
{
    [Test]
    public async Task Failures_open_one_incident_and_the_next_success_resolves_it_under_the_same_key()
    {
        await CreateSettingsAsync(new IncidentSettings { PagerDuty = PagerDutySettings, Webhooks = [WebhookSettings], Cluster = "test" });
        await Cluster.StartOperatorAsync();
        Refuse();
        var policy = new PolicyBuilder(Cluster).With(s => s with { Criticality = Criticality.Critical });
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy open = await WaitForIncidentAsync(policy, i => IsTold(i, "pagerDuty") && IsTold(i, "webhook/ops"), "to have told everybody");
        string key = $"certoperator/test/{Cluster.Namespace}/www/RenewalFailed";
        Assert.That(open.Condition("IncidentOpen"), Is.Not.Null);
        Assert.That((open.Condition("IncidentOpen")!.Status, open.Condition("IncidentOpen")!.Reason), Is.EqualTo(("True", "RenewalFailed")));
        Assert.That(open.Condition("IncidentOpen")!.Message, Does.Contain("Not for this name"));
        Assert.That(open.Status!.Incident!.DedupKey, Is.EqualTo(key));

        await FailAsync(policy, 2);
        await WaitForIncidentAsync(policy, i => i.AcknowledgedAt is not null && IsTold(i, "pagerDuty"), "to be acknowledged");
        await FailAsync(policy, 3);
        Cluster.Acme.Hooks.Clear();
        await Cluster.RequestRenewalAsync(policy.Name, "now it works");
        await WaitUntilOverAsync(policy);

        Assert.That(PagerDutyEvents, Is.EqualTo(new[] { ("trigger", key), ("acknowledge", key), ("resolve", key) }));
        Assert.That(PagerDuty.Requests.Select(r => JsonNode.Parse(r.Body)!["routing_key"]!.GetValue<string>()), Is.All.EqualTo(RoutingKey));
        Assert.That(JsonNode.Parse(PagerDuty.Requests[0].Body)!["payload"]!["severity"]!.GetValue<string>(), Is.EqualTo("critical"));
        Assert.That(Webhook.Requests.Select(r => JsonNode.Parse(r.Body)!["event"]!.GetValue<string>()), Is.EqualTo(new[] { "opened", "acknowledged", "resolved" }));
        foreach (var request in Webhook.Requests)
        {
            string timestamp = request.Headers.Single(h => h.Key == "CertOperator-Timestamp").Value;
            byte[] signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(SigningKey), (byte[])[.. Encoding.ASCII.GetBytes(timestamp + "."), .. request.Body]);
            Assert.That(request.Headers.Single(h => h.Key == "CertOperator-Signature").Value, Is.EqualTo("v1=" + Convert.ToHexStringLower(signature)));
        }
    }

    [Test]
    public async Task Without_any_receiver_the_status_and_Events_tell()
    {
        OperatorUnderTest one = await Cluster.StartOperatorAsync();
        Refuse();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await WaitForIncidentAsync(policy, _ => true, "to have an incident");
        string metrics = await Eventually.GetAsync(_ => one.MetricsAsync(), m => m.Contains("certoperator_incidents_open{severity=\"medium\"} 1\n", StringComparison.Ordinal), Deadlines.Api, "the incident in the metrics");
        Cluster.Acme.Hooks.Clear();
        await Cluster.RequestRenewalAsync(policy.Name, "now");
        await WaitUntilOverAsync(policy);

        Assert.That(metrics, Does.Contain("certoperator_incident_deliveries_total{sink=\"event\",result=\"delivered\"} 1\n"));
        await Eventually.GetAsync(_ => EventsAsync(), e => e.Contains("IncidentOpened") && e.Contains("IncidentResolved"), Deadlines.Api, "both Events");
    }

    [Test]
    public async Task A_policy_that_never_fails_costs_nothing()
    {
        await CreateSettingsAsync(new IncidentSettings { PagerDuty = PagerDutySettings, Webhooks = [WebhookSettings] });
        await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That((ready.Status!.Incident, ready.Condition("IncidentOpen")), Is.EqualTo(((IncidentStatus?)null, (Condition?)null)));
        Assert.That(PagerDuty.Requests.Concat(Webhook.Requests), Is.Empty);
    }

    [Test]
    public async Task What_must_change_before_a_receiver_can_be_told_is_said_and_watched()
    {
        await CreateSettingsAsync(new IncidentSettings
        {
            PagerDuty = new PagerDutySettings { RoutingKeySecretName = "not-there", Endpoint = PagerDuty.Address.AbsoluteUri },
            Webhooks = [WebhookSettings, new WebhookSettings { Name = "loopback", Url = "http://[::1]:9/", SecretName = "webhook" }, new WebhookSettings { Name = "metadata", Url = "http://169.254.169.254/latest", SecretName = "webhook" }],
        });
        await Cluster.StartOperatorAsync();
        Refuse();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy told = await WaitForIncidentAsync(policy, i => IsTold(i, "webhook/ops") && i.Deliveries!.Count(d => d.DeadLetter == true) == 3, "to have tried all");
        string message = told.Condition("IncidentOpen")!.Message;
        Assert.That(told.Condition("IncidentOpen")!.Reason, Is.EqualTo("DeliveryFailed"));
        Assert.That(message, Does.Contain("Secret not-there does not exist").And.Contain("routingKey"));
        Assert.That(message, Does.Contain("webhook/loopback could not be told: [::1] resolves to ::1, which is a loopback address").And.Contain("--egress-allow"));
        Assert.That(message, Does.Contain("webhook/metadata could not be told: 169.254.169.254"));

        await Cluster.Settings.PatchAsync(
            Cluster.Name(CertificateRenewalSettings.DefaultName),
            Patch.Merge("""{"spec":{"incidents":{"pagerDuty":{"routingKeySecretName":"pagerduty"}}}}"""),
            null,
            CancellationToken.None);
        await WaitForIncidentAsync(policy, i => IsTold(i, "pagerDuty"), "to have told PagerDuty");
        Assert.That(PagerDutyEvents.Single().Action, Is.EqualTo("trigger"));
    }

    [Test]
    public async Task A_deleted_policy_resolves_its_incident()
    {
        await CreateSettingsAsync(new IncidentSettings { PagerDuty = PagerDutySettings });
        await Cluster.StartOperatorAsync();
        Refuse();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await WaitForIncidentAsync(policy, i => IsTold(i, "pagerDuty"), "to have told PagerDuty");

        await Cluster.Policies.DeleteAsync(Cluster.Name(policy.Name), null, CancellationToken.None);

        await Eventually.TrueAsync(() => PagerDutyEvents.Count == 2, Deadlines.Api, "PagerDuty to hear of the end");
        Assert.That(PagerDutyEvents[1], Is.EqualTo(("resolve", PagerDutyEvents[0].Key)));
    }

    private async Task<IReadOnlyList<string>> EventsAsync()
    {
        List<string> reasons = [];
        await foreach (Event one in Cluster.Events.ListAsync(new ListOptions { Namespace = Cluster.Namespace }, CancellationToken.None))
        {
            reasons.Add(one.Reason!);
        }

        return reasons;
    }
}
