using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Incidents;

/// <summary>Receivers that are down, refuse or are being told while the operator dies.</summary>
public sealed class DeliveryTests : IncidentsTest
{
    [Test]
    public async Task An_operator_that_is_killed_while_it_tells_leaves_it_to_the_next_one_which_uses_the_same_key()
    {
        await Cluster.StartHttp01ServiceAsync();
        await CreateSettingsAsync(new IncidentSettings { PagerDuty = PagerDutySettings });
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        Refuse();
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        PagerDuty.Answer = async _ =>
        {
            // It has been taken, and nobody will ever know.
            PagerDuty.AnswerWith(ProxiedAnswer.Of(202, "application/json", "{}"));
            await victim.KillAsync();
            killed.TrySetResult();
            return ProxiedAnswer.Dropped;
        };
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(killed.Task);
        CertificateRenewalPolicy between = await Cluster.Policies.GetAsync(Cluster.Name(policy.Name), CancellationToken.None);
        Assert.That((between.Status!.Incident?.Revision, between.Status.Incident?.Deliveries!.Single().Revision), Is.EqualTo(((int?)1, (int?)null)), "what is told is stored before");

        await Cluster.StartOperatorAsync();
        await WaitForIncidentAsync(policy, i => IsTold(i, "pagerDuty"), "to have told PagerDuty");
        Cluster.Acme.Hooks.Clear();
        await Cluster.RequestRenewalAsync(policy.Name, "now");
        await WaitUntilOverAsync(policy);

        string key = between.Status.Incident!.DedupKey;
        Assert.That(PagerDutyEvents.Where(e => e.Action != "acknowledge"), Is.EqualTo(new[] { ("trigger", key), ("trigger", key), ("resolve", key) }));
        Assert.That(PagerDutyEvents.Select(e => e.Key), Is.All.EqualTo(key));
    }

    [Test]
    public async Task An_operator_that_is_killed_while_it_resolves_leaves_that_to_the_next_one_too()
    {
        await Cluster.StartHttp01ServiceAsync();
        await CreateSettingsAsync(new IncidentSettings { PagerDuty = PagerDutySettings });
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        Refuse();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await WaitForIncidentAsync(policy, i => IsTold(i, "pagerDuty"), "to have told PagerDuty");
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        PagerDuty.Answer = async request =>
        {
            if (!request.BodyText.Contains("\"resolve\"", StringComparison.Ordinal))
            {
                return ProxiedAnswer.Of(202, "application/json", "{}");
            }

            PagerDuty.AnswerWith(ProxiedAnswer.Of(202, "application/json", "{}"));
            await victim.KillAsync();
            killed.TrySetResult();
            return ProxiedAnswer.Dropped;
        };
        Cluster.Acme.Hooks.Clear();
        await Cluster.RequestRenewalAsync(policy.Name, "now");
        await Cluster.ReachedAsync(killed.Task);

        await Cluster.StartOperatorAsync();
        await WaitUntilOverAsync(policy);

        Assert.That(PagerDutyEvents.Count(e => e.Action == "resolve"), Is.EqualTo(2));
        Assert.That(PagerDutyEvents.Select(e => e.Key).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Receivers_that_hang_hold_up_no_renewal()
    {
        await CreateSettingsAsync(new IncidentSettings { PagerDuty = PagerDutySettings, Webhooks = [WebhookSettings] });
        var release = new TaskCompletionSource<ProxiedAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        PagerDuty.Answer = _ => release.Task;
        Webhook.Answer = _ => release.Task;
        await Cluster.StartOperatorAsync();
        Refuse();
        var failing = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(failing);
        await Eventually.TrueAsync(() => PagerDuty.Requests.Count > 0 && Webhook.Requests.Count > 0, Deadlines.Run, "both to be asked");
        Cluster.Acme.Hooks.Clear();
        PolicyBuilder[] others = [.. Enumerable.Range(0, 5).Select(i => new PolicyBuilder(Cluster, $"other-{i}"))];
        foreach (PolicyBuilder other in others)
        {
            await Cluster.CreateAsync(other);
        }

        await Cluster.RequestRenewalAsync(failing.Name, "now");
        foreach (PolicyBuilder policy in others.Append(failing))
        {
            await Cluster.WaitUntilReadyAsync(policy.Name);
        }

        release.SetResult(ProxiedAnswer.Of(202, "application/json", "{}"));
        PagerDuty.AnswerWith(ProxiedAnswer.Of(202, "application/json", "{}"));
        Webhook.AnswerWith(ProxiedAnswer.Of(202, "application/json", "{}"));
        await WaitUntilOverAsync(failing);
        Assert.That(PagerDutyEvents[^1].Action, Is.EqualTo("resolve"));
    }

    [Test]
    public async Task A_wrong_routing_key_is_a_dead_letter_until_its_Secret_is_mended()
    {
        await CreateSettingsAsync(new IncidentSettings { PagerDuty = PagerDutySettings });
        PagerDuty.Answer = request => Task.FromResult(request.BodyText.Contains(RoutingKey, StringComparison.Ordinal)
            ? ProxiedAnswer.Of(400, "application/json", """{"status":"invalid event","message":"Event object is invalid","errors":["'routing_key' is unknown"]}""")
            : ProxiedAnswer.Of(202, "application/json", "{}"));
        OperatorUnderTest one = await Cluster.StartOperatorAsync();
        Refuse();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy dead = await WaitForIncidentAsync(policy, i => i.Deliveries!.Single().DeadLetter == true, "to give up");
        Assert.That((dead.Condition("IncidentOpen")!.Status, dead.Condition("IncidentOpen")!.Reason), Is.EqualTo(("True", "DeliveryFailed")));
        Assert.That(dead.Condition("IncidentOpen")!.Message, Does.Contain("pagerDuty could not be told: 127.0.0.1 refused the event (400: 'routing_key' is unknown)").And.Not.Contain(RoutingKey));
        Assert.That(await one.MetricsAsync(), Does.Contain("certoperator_incident_deliveries_total{sink=\"pagerduty\",result=\"dead_letter\"} 1\n"));
        Assert.That(PagerDuty.Requests, Has.Count.EqualTo(1));

        await Cluster.Secrets.PatchAsync(Cluster.Name("pagerduty"), Patch.Merge("""{"stringData":{"routingKey":"another"}}"""), null, CancellationToken.None);
        await FailAsync(policy, 2);
        await WaitForIncidentAsync(policy, i => IsTold(i, "pagerDuty"), "to have told PagerDuty");
        Assert.That(PagerDutyEvents.Select(e => e.Action), Does.Contain("trigger"));
        Assert.That(one.LogLines.Where(l => l.Contains(RoutingKey, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task A_redirect_to_a_metadata_address_is_not_followed()
    {
        await CreateSettingsAsync(new IncidentSettings { Webhooks = [WebhookSettings] });
        Webhook.AnswerWith(ProxiedAnswer.Of(307, "text/plain", "", ("Location", "http://169.254.169.254/latest/meta-data")));
        await Cluster.StartOperatorAsync();
        Refuse();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy told = await WaitForIncidentAsync(policy, i => i.Deliveries!.Single().DeadLetter == true, "to give up");

        Assert.That(told.Condition("IncidentOpen")!.Message, Does.Contain("127.0.0.1 answered 307, a redirect, which is not followed"));
    }

    [Test]
    public async Task Slack_and_mail_are_told_of_the_beginning_and_the_end()
    {
        await using MailReceiver mail = await MailReceiver.StartAsync();
        await CreateSecretAsync("slack", "url", new Uri(Webhook.Address, "/services/token").AbsoluteUri);
        await CreateSettingsAsync(new IncidentSettings
        {
            Slack = new SlackSettings { UrlSecretName = "slack" },
            Email = new MailSettings { From = "certificates@example.com", SmtpHost = "127.0.0.1", SmtpPort = mail.Port, CaBundle = mail.CaPem },
        });
        await Cluster.StartOperatorAsync();
        Refuse();
        var policy = new PolicyBuilder(Cluster).With(s => s with { NotifyOnFailure = ["ops@example.com", "web@example.com"] });
        await Cluster.CreateAsync(policy);
        await WaitForIncidentAsync(policy, i => IsTold(i, "slack") && IsTold(i, "email/ops@example.com") && IsTold(i, "email/web@example.com"), "to have told all");
        await FailAsync(policy, 2);
        Cluster.Acme.Hooks.Clear();
        await Cluster.RequestRenewalAsync(policy.Name, "now");
        await WaitUntilOverAsync(policy);

        Assert.That(Webhook.Requests.Select(r => r.Target), Is.EqualTo(new[] { "/services/token", "/services/token" }));
        Assert.That(Webhook.Requests[0].BodyText, Does.Contain("Not for this name"));
        Assert.That(Webhook.Requests[1].BodyText, Does.Contain("works again"));
        Assert.That(mail.Mails, Has.Count.EqualTo(4));
        Assert.That(mail.Mails.Count(m => m.Contains("To: web@example.com", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(mail.Mails.Count(m => m.Contains("works again", StringComparison.Ordinal)), Is.EqualTo(2));
    }
}
