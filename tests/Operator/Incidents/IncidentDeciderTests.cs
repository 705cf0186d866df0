using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Incidents;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Providers.Incidents;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Incidents;

public sealed class IncidentDeciderTests
{
    private const string FailedKey = "certoperator/prod/shop/www/RenewalFailed";
    private const string ManualKey = "certoperator/prod/shop/www/NeedsManual";

    private static readonly IReadOnlyList<IncidentSinkSpec> Sinks =
    [
        new IncidentSinkSpec.PagerDuty("pd", null),
        new IncidentSinkSpec.Slack(new SlackSettings { UrlSecretName = "slack" }),
    ];

    [Test]
    public void A_policy_without_trouble_has_no_incident_and_is_not_even_looked_at()
    {
        PolicyStatus?[] calm =
        [
            null,
            new PolicyStatus(),
            new PolicyStatus { LastFinishedRun = Run(RunPhase.Succeeded) },
            new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed, reason: RunReasons.PolicyChanged) },
        ];
        foreach (var status in calm)
        {
            Assert.That(IncidentDecider.Concerns(A.Policy(status: status)), Is.False);
            Assert.That(Decide(status ?? new PolicyStatus()), Is.Null);
        }
    }

    [TestCase(RunPhase.Failed, IncidentCause.RenewalFailed, FailedKey)]
    [TestCase(RunPhase.NeedsManual, IncidentCause.NeedsManual, ManualKey)]
    public void A_run_that_ended_badly_opens_an_incident(RunPhase phase, IncidentCause cause, string key)
    {
        var incident = Decide(new PolicyStatus { LastFinishedRun = Run(phase) })!;

        Assert.That((incident.Cause, incident.DedupKey, incident.Revision, incident.Change), Is.EqualTo((cause, key, 1, IncidentChange.Opened)));
        Assert.That((incident.Since, incident.Run, incident.Reason, incident.Message), Is.EqualTo((A.Now, "www-1", "ServerUnreachable", "A message.")));
        Assert.That(incident.Deliveries!.Select(d => (d.Sink, d.Revision, d.SecretName)), Is.EqualTo(new[] { ("pagerDuty", (int?)null, "pd"), ("slack", null, null) }));
    }

    [TestCase(null, Criticality.Medium)]
    [TestCase(Criticality.Low, Criticality.Low)]
    [TestCase(Criticality.Critical, Criticality.Critical)]
    public void The_severity_is_the_policys_criticality(Criticality? criticality, Criticality severity)
        => Assert.That(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) }, A.Spec with { Criticality = criticality })!.Severity, Is.EqualTo(severity));

    [Test]
    public void The_same_failure_again_is_nothing_to_tell()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);

        Assert.That(Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Failed, "www-2") }), Is.EqualTo(open).Using<IncidentStatus>(SameText));
    }

    [Test]
    public void The_same_failure_again_gives_those_who_could_not_be_told_another_chance()
    {
        var open = Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!;
        open = open with { Deliveries = [open.Deliveries![0] with { Revision = 1 }, open.Deliveries[1] with { DeadLetter = true, Attempts = 12, LastError = "Gone." }] };

        var again = Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Failed, "www-2") })!;

        Assert.That((again.Run, again.Revision), Is.EqualTo(("www-2", 1)));
        Assert.That(again.Deliveries![1], Is.EqualTo(new IncidentDelivery { Sink = "slack", LastError = "Gone." }));
        Assert.That(again.Deliveries[0].Revision, Is.EqualTo(1));
    }

    [Test]
    public void Another_reason_is_told_to_machines_under_the_same_key_and_wakes_no_person()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);

        var updated = Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Failed, "www-2", reason: "RateLimited") })!;

        Assert.That((updated.DedupKey, updated.Revision, updated.Change, updated.Run, updated.Since), Is.EqualTo((FailedKey, 2, IncidentChange.Updated, "www-2", A.Now)));
        Assert.That(updated.Deliveries!.Select(d => IncidentDeliveries.IsTold(updated, d)), Is.EqualTo(new[] { false, true }));
    }

    [Test]
    public void A_run_that_was_cut_off_by_an_edit_neither_opens_nor_ends_an_incident()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);

        Assert.That(Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Failed, "www-2", RunReasons.PolicyChanged) }), Is.EqualTo(open).Using<IncidentStatus>(SameText));
    }

    // Thirty days between the renewal and the end: seven and a half before it.
    [TestCase(8, null)]
    [TestCase(7, IncidentCause.CertificateExpiring)]
    public void A_certificate_that_comes_near_its_end_is_an_incident_although_nothing_has_failed(int daysLeft, IncidentCause? cause)
    {
        var policy = A.Policy(status: Waiting(daysLeft));
        var incident = IncidentDecider.Decide(policy, Sinks, "prod", A.Now, ExpiringCertificate.At(policy, null));

        Assert.That(incident?.Cause, Is.EqualTo(cause));
        if (incident is not null)
        {
            Assert.That((incident.Severity, incident.Reason, incident.DedupKey), Is.EqualTo((Criticality.Critical, "Expiring", "certoperator/prod/shop/www/CertificateExpiring")));
            Assert.That(incident.Message, Does.Contain("It waits for a budget."));
            Assert.That(IncidentNotices.Summary("www.example.com", incident, IncidentChange.Opened), Does.StartWith("The certificate of www.example.com is about to expire and is not renewed: It ends 2"));
        }
    }

    [Test]
    public void A_window_that_was_missed_makes_a_certificate_no_younger()
    {
        var missed = Waiting(daysLeft: 7);
        missed = missed with { RenewalDue = missed.RenewalTime, RenewalTime = A.Now.AddHours(9) };
        Assert.That(ExpiringCertificate.At(A.Policy(status: missed), null), Is.LessThanOrEqualTo(A.Now));
    }

    [Test]
    public void Nobody_is_woken_where_nobody_renews_nor_by_what_was_done_a_moment_ago()
    {
        var status = Waiting(daysLeft: 7);
        Assert.That(ExpiringCertificate.At(A.Policy(A.Spec with { Suspend = true }, status), null), Is.Null);
        Assert.That(ExpiringCertificate.At(A.Policy(A.Spec with { DryRunDefault = true }, status), null), Is.Null);
        Assert.That(ExpiringCertificate.At(A.Policy(A.Spec with { Provider = CertificateProviderKind.Manual }, status), null), Is.Null);
        Assert.That(ExpiringCertificate.At(A.Policy(status: status with { RenewalTime = null }), null), Is.Null);

        var edited = status with { Conditions = [Waits(A.Now.AddMinutes(-1))] };
        Assert.That(ExpiringCertificate.At(A.Policy(status: edited), null), Is.EqualTo(A.Now.AddMinutes(4)));
    }

    [Test]
    public void The_settings_say_what_is_near_the_end()
    {
        var settings = new CertificateRenewalSettings { Spec = new SettingsSpec { Slo = new SloSettings { ExpiringPercentage = 50 } } };
        Assert.That(ExpiringCertificate.At(A.Policy(status: Waiting(daysLeft: 14)), settings), Is.LessThan(A.Now));
        Assert.That(ExpiringCertificate.At(A.Policy(status: Waiting(daysLeft: 16)), settings), Is.GreaterThan(A.Now));
    }

    [Test]
    public void Failures_that_go_on_until_the_end_is_near_are_told_of_anew_and_a_renewal_ends_it()
    {
        var failed = Waiting(daysLeft: 20) with { LastFinishedRun = Run(RunPhase.Failed) };
        var open = Told(Decide(failed)!);
        var policy = A.Policy(status: Waiting(daysLeft: 7) with { LastFinishedRun = Run(RunPhase.Failed), Incident = open });

        var expiring = IncidentDecider.Decide(policy, Sinks, "prod", A.Now, ExpiringCertificate.At(policy, null))!;
        Assert.That((expiring.Cause, expiring.Supersedes, expiring.Severity), Is.EqualTo((IncidentCause.CertificateExpiring, FailedKey, Criticality.Critical)));

        var renewed = A.Policy(status: Waiting(daysLeft: 90) with { RenewalTime = A.Now.AddDays(60), LastFinishedRun = Run(RunPhase.Succeeded, "www-2"), Incident = Told(expiring) });
        Assert.That(IncidentDecider.Decide(renewed, Sinks, "prod", A.Now, ExpiringCertificate.At(renewed, null))!.Change, Is.EqualTo(IncidentChange.Resolved));
    }

    [Test]
    public void When_the_operator_stops_trying_another_incident_takes_the_place_of_the_first_and_everybody_hears_of_it()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);

        var manual = Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.NeedsManual, "www-2") })!;

        Assert.That((manual.DedupKey, manual.Supersedes, manual.Revision, manual.Change), Is.EqualTo((ManualKey, FailedKey, 1, IncidentChange.Opened)));
        Assert.That(manual.Deliveries!.Select(d => d.Revision), Is.All.Null);
        Assert.That(manual.Deliveries!.Select(d => IncidentDeliveries.ChangeFor(manual, d)), Is.All.EqualTo(IncidentChange.Opened));
    }

    [Test]
    public void A_resumed_run_that_now_needs_a_person_counts_though_its_name_is_known()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);

        Assert.That(Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.NeedsManual) })!.Supersedes, Is.EqualTo(FailedKey));
    }

    [Test]
    public void A_failure_after_a_need_for_a_person_belongs_to_the_incident_that_is_open()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.NeedsManual) })!);

        var after = Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Failed, "www-2", reason: "RateLimited") })!;

        Assert.That((after.DedupKey, after.Supersedes, after.Change), Is.EqualTo((ManualKey, (string?)null, IncidentChange.Updated)));
    }

    [Test]
    public void A_certificate_that_has_expired_is_an_incident_whatever_the_runs_say_and_takes_the_place_of_a_lesser_one()
    {
        var expired = new PolicyStatus
        {
            LastFinishedRun = Run(RunPhase.Succeeded, finished: A.Now.AddDays(-90)),
            NotAfter = A.Now.AddMinutes(-1),
            RenewalTime = A.Now.AddDays(-30),
            Conditions = [Condition(PolicyStatusBuilder.Ready, "False", PolicyReasons.Expired, "It expired."), Condition(PolicyStatusBuilder.Stalled, "True", PolicyReasons.MissingSecret, "It is missing.")],
        };

        var incident = Decide(expired)!;
        Assert.That(IncidentDecider.Concerns(A.Policy(status: expired)));
        Assert.That((incident.Cause, incident.Since, incident.Message), Is.EqualTo((IncidentCause.CertificateExpired, A.Now.AddMinutes(-1), "It expired. It is missing.")));

        var lesser = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);
        var worse = Decide(expired with { Incident = lesser, LastFinishedRun = Run(RunPhase.Failed) })!;
        Assert.That((worse.Cause, worse.Supersedes), Is.EqualTo((IncidentCause.CertificateExpired, FailedKey)));

        var renewed = new PolicyStatus { Incident = Told(incident), NotAfter = A.Now.AddDays(90), RenewalTime = A.Now.AddDays(60), LastFinishedRun = Run(RunPhase.Succeeded, "www-2") };
        Assert.That(Decide(renewed)!.ResolvedBy, Is.EqualTo("www-2"));
    }

    [Test]
    public void A_policy_that_cannot_renew_is_an_incident_once_it_is_time_to()
    {
        var stalled = new PolicyStatus
        {
            LastFinishedRun = Run(RunPhase.Succeeded, finished: A.Now.AddDays(-60)),
            NotAfter = A.Now.AddDays(30),
            RenewalTime = A.Now.AddHours(1),
            Conditions = [Condition(PolicyStatusBuilder.Stalled, "True", PolicyReasons.InvalidSpec, "spec.key.size: 3.")],
        };
        Assert.That(Decide(stalled), Is.Null);
        Assert.That(IncidentDecider.TroubleAt(A.Policy(status: stalled), A.Now), Is.EqualTo(A.Now.AddHours(1)));

        var due = Decide(stalled with { RenewalTime = A.Now })!;
        Assert.That((due.Cause, due.Reason), Is.EqualTo((IncidentCause.NeedsManual, PolicyReasons.InvalidSpec)));
        Assert.That(due.Message, Does.Contain("spec.key.size"));

        var mended = stalled with { Incident = Told(due), RenewalTime = A.Now, Conditions = null };
        Assert.That(Decide(mended)!.ResolvedAt, Is.Null, "not before a run has succeeded");
        Assert.That(Decide(mended with { LastFinishedRun = Run(RunPhase.Succeeded, "www-2", finished: A.Now.AddMinutes(1)), RenewalTime = A.Now.AddDays(60) })!.ResolvedBy, Is.EqualTo("www-2"));
    }

    [Test]
    public void A_success_resolves_under_the_same_key()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);

        var over = Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Succeeded, "www-2", finished: A.Now.AddMinutes(5)) })!;

        Assert.That((over.DedupKey, over.Revision, over.Change, over.ResolvedAt, over.ResolvedBy), Is.EqualTo((FailedKey, 2, IncidentChange.Resolved, (DateTimeOffset?)A.Now.AddMinutes(5), "www-2")));
        Assert.That(over.Deliveries!.Select(d => IncidentDeliveries.ChangeFor(over, d)), Is.All.EqualTo(IncidentChange.Resolved));
    }

    [Test]
    public void A_wrong_edit_that_failed_and_was_undone_is_over_since_no_run_will_follow()
    {
        var failed = new PolicyStatus { ObservedGeneration = 2, NotAfter = A.Now.AddDays(60), RenewalTime = A.Now.AddDays(30), LastFinishedRun = Run(RunPhase.Failed) with { Generation = 2 } };
        var open = Told(Decide(failed)!);
        var undone = failed with
        {
            Incident = open,
            ObservedGeneration = 3,
            Conditions = [Condition(PolicyStatusBuilder.Ready, "True", PolicyReasons.Ready, ""), Condition(PolicyStatusBuilder.Reconciling, "False", PolicyReasons.Idle, "")],
        };

        var over = Decide(undone)!;

        Assert.That((over.DedupKey, over.Change, over.ResolvedAt, over.ResolvedBy), Is.EqualTo((FailedKey, IncidentChange.Resolved, (DateTimeOffset?)A.Now, (string?)null)));
        Assert.That(IncidentNotices.Summary("www.example.com", over, IncidentChange.Resolved), Does.Contain("no longer asked for"));
        Assert.That(Decide(undone with { Incident = Told(over) }), Is.Null, "and does not come back");
        Assert.That(Decide(undone with { ObservedGeneration = 2 })!.ResolvedAt, Is.Null, "what was tried is still asked for");
        Assert.That(Decide(undone with { RetryRequested = true })!.ResolvedAt, Is.Null, "somebody waits for it");
        Assert.That(Decide(undone with { LastFinishedRun = undone.LastFinishedRun! with { Phase = RunPhase.NeedsManual } })!.ResolvedAt, Is.Null, "that run waits for its resumption");
        Assert.That(Decide(undone with { Conditions = [Condition(PolicyStatusBuilder.Ready, "True", PolicyReasons.Ready, ""), Condition(PolicyStatusBuilder.Reconciling, "True", PolicyReasons.BackingOff, "")] })!.ResolvedAt, Is.Null, "another run follows");
    }

    [Test]
    public void Without_receivers_a_success_is_the_end_of_it()
    {
        var status = new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) };
        var open = IncidentDecider.Decide(A.Policy(status: status), [], null, A.Now)!;

        Assert.That(IncidentDecider.Decide(A.Policy(status: status with { Incident = open, LastFinishedRun = Run(RunPhase.Succeeded, "www-2") }), [], null, A.Now), Is.Null);
    }

    [Test]
    public void The_old_certificate_written_again_mends_nothing_while_a_new_one_is_due()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);
        var restored = Run(RunPhase.Succeeded, "www-2") with { Restored = true };

        var due = Decide(new PolicyStatus { Incident = open, LastFinishedRun = restored, RenewalTime = A.Now.AddDays(-1) })!;
        var notDue = Decide(new PolicyStatus { Incident = open, LastFinishedRun = restored, RenewalTime = A.Now.AddDays(1) })!;

        Assert.That((due.ResolvedAt, notDue.ResolvedAt), Is.EqualTo(((DateTimeOffset?)null, (DateTimeOffset?)A.Now)));
    }

    [Test]
    public void A_person_who_asks_for_a_run_acknowledges_once()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed), Handled = new HandledRequests { RenewRequestedAt = "before" } })!);

        Assert.That(Decide(Asked(open, "before"))!.AcknowledgedAt, Is.Null);
        var acknowledged = Decide(Asked(open, "now"))!;
        Assert.That((acknowledged.Change, acknowledged.Revision, acknowledged.AcknowledgedAt), Is.EqualTo((IncidentChange.Acknowledged, 2, (DateTimeOffset?)A.Now)));
        Assert.That(Decide(Asked(Told(acknowledged), "again"))!.Revision, Is.EqualTo(2));

        static PolicyStatus Asked(IncidentStatus incident, string request)
            => new() { Incident = incident, LastFinishedRun = Run(RunPhase.Failed), Handled = new HandledRequests { RenewRequestedAt = request } };
    }

    [Test]
    public void Another_criticality_is_told()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);

        var raised = Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Failed) }, A.Spec with { Criticality = Criticality.Critical })!;

        Assert.That((raised.Severity, raised.Change, raised.Revision), Is.EqualTo((Criticality.Critical, IncidentChange.Updated, 2)));
    }

    [Test]
    public void Trouble_that_comes_back_before_all_have_heard_of_the_end_opens_the_same_key_again_for_those_who_have()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);
        var over = Decide(new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Succeeded, "www-2") })!;
        over = over with { Deliveries = [over.Deliveries![0], over.Deliveries[1] with { Revision = 2 }] };

        var again = Decide(new PolicyStatus { Incident = over, LastFinishedRun = Run(RunPhase.Failed, "www-3", finished: A.Now.AddHours(1)) })!;

        Assert.That((again.DedupKey, again.ResolvedAt, again.Since, again.Revision), Is.EqualTo((FailedKey, (DateTimeOffset?)null, A.Now.AddHours(1), 3)));
        Assert.That(again.Deliveries!.Select(d => IncidentDeliveries.ChangeFor(again, d)), Is.EqualTo(new[] { IncidentChange.Updated, IncidentChange.Opened }));
    }

    [Test]
    public void A_receiver_that_is_added_hears_of_what_is_open_and_one_that_is_removed_is_forgotten()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);
        var status = new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Failed) };
        IncidentSinkSpec[] changed = [Sinks[0], new IncidentSinkSpec.Webhook(new WebhookSettings { Name = "ops", Url = "https://ops.example.com", SecretName = "ops" })];

        var incident = IncidentDecider.Decide(A.Policy(status: status), changed, "prod", A.Now)!;

        Assert.That(incident.Deliveries!.Select(d => (d.Sink, d.Revision)), Is.EqualTo(new[] { ("pagerDuty", (int?)1), ("webhook/ops", null) }));
    }

    [Test]
    public void PagerDuty_is_told_of_the_end_with_the_key_of_the_beginning()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);
        foreach (IncidentSinkSpec[] changed in new IncidentSinkSpec[][] { [], [new IncidentSinkSpec.PagerDuty("another", "https://events.eu.pagerduty.com")] })
        {
            var over = IncidentDecider.Decide(A.Policy(status: new PolicyStatus { Incident = open, LastFinishedRun = Run(RunPhase.Succeeded, "www-2") }), changed, "another-cluster", A.Now)!;

            Assert.That((over.DedupKey, over.Deliveries!.Single().SecretName, over.Deliveries!.Single().Endpoint), Is.EqualTo((FailedKey, "pd", (string?)null)));
        }
    }

    [Test]
    public void A_deleted_policy_ends_its_incident()
    {
        var open = Told(Decide(new PolicyStatus { LastFinishedRun = Run(RunPhase.Failed) })!);

        var closed = IncidentDecider.Close(open, A.Now.AddHours(1));

        Assert.That((closed.Change, closed.ResolvedAt, closed.Revision), Is.EqualTo((IncidentChange.Resolved, (DateTimeOffset?)A.Now.AddHours(1), 2)));
        Assert.That(IncidentDecider.Close(closed, A.Now.AddHours(2)), Is.SameAs(closed));
    }

    /// <summary>Due thirty days before its end, and waiting.</summary>
    private static PolicyStatus Waiting(int daysLeft)
        => new()
        {
            NotBefore = A.Now.AddDays(daysLeft - 90),
            NotAfter = A.Now.AddDays(daysLeft),
            RenewalTime = A.Now.AddDays(daysLeft - 30),
            Conditions = [Waits(A.Now.AddDays(daysLeft - 30))],
        };

    private static Condition Waits(DateTimeOffset since)
        => new() { Type = PolicyStatusBuilder.Reconciling, Status = "True", Reason = "RateLimited", Message = "It waits for a budget.", LastTransitionTime = since };

    private static IncidentStatus? Decide(PolicyStatus status, PolicySpec? spec = null)
        => IncidentDecider.Decide(A.Policy(spec, status), Sinks, "prod", A.Now);

    private static Condition Condition(string type, string status, string reason, string message)
        => new() { Type = type, Status = status, Reason = reason, Message = message, LastTransitionTime = A.Now };

    private static AccountedRun Run(RunPhase phase, string name = "www-1", string reason = "ServerUnreachable", DateTimeOffset? finished = null)
        => new() { Name = name, Phase = phase, FinishedAt = finished ?? A.Now, Reason = phase == RunPhase.Succeeded ? null : reason, Message = phase == RunPhase.Succeeded ? null : "A message." };

    /// <summary>Everybody has taken what there was to tell.</summary>
    private static IncidentStatus Told(IncidentStatus incident)
        => IncidentDeliveries.Apply(
            incident,
            [.. incident.Deliveries!.Select(d => new DeliveryResult(incident.DedupKey, d.Sink, incident.Revision, IncidentDeliveries.RevisionAfter(incident, d), new DeliveryOutcome.Delivered(), null))],
            "seed",
            A.Now)!;

    private static bool SameText(IncidentStatus a, IncidentStatus b)
        => a with { Deliveries = null } == b with { Deliveries = null } && a.Deliveries!.SequenceEqual(b.Deliveries!);
}
