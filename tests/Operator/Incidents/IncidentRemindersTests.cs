using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Incidents;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Providers.Incidents;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Incidents;

public sealed class IncidentRemindersTests
{
    private static readonly IReadOnlyList<IncidentSinkSpec> Sinks = [new IncidentSinkSpec.PagerDuty("pd", null), new IncidentSinkSpec.Slack(new SlackSettings { UrlSecretName = "slack" })];

    [TestCase(Criticality.Critical, 6)]
    [TestCase(Criticality.High, 24)]
    [TestCase(null, 72)]
    [TestCase(Criticality.Low, 168)]
    public void Everybody_is_reminded_again_and_again_under_the_same_key_and_never_twice_for_one_time(Criticality? criticality, int hours)
    {
        var spec = A.Spec with { Criticality = criticality };
        var status = new PolicyStatus { LastFinishedRun = Waiting(RunReasons.AwaitsCertificate) };
        var incident = Told(Decide(status, spec, A.Now)!);
        var key = incident.DedupKey;
        var interval = TimeSpan.FromHours(hours);
        for (var round = 1; round <= 3; round++)
        {
            var due = A.Now + (round * interval);
            Assert.That(IncidentReminders.NextAt(incident), Is.EqualTo(due));
            Assert.That(Decide(status with { Incident = incident }, spec, due.AddSeconds(-1))!.Revision, Is.EqualTo(incident.Revision), "not yet");

            var reminded = Decide(status with { Incident = incident }, spec, due)!;
            Assert.That((reminded.DedupKey, reminded.Change, reminded.Revision), Is.EqualTo((key, IncidentChange.Reminded, incident.Revision + 1)));
            Assert.That(reminded.Deliveries!.Select(d => (IncidentDeliveries.IsTold(reminded, d), IncidentDeliveries.ChangeFor(reminded, d))), Has.All.EqualTo((false, IncidentChange.Reminded)));
            Assert.That(Decide(status with { Incident = reminded }, spec, due.AddMinutes(1))!.Revision, Is.EqualTo(reminded.Revision), "the same again after a crash between storing and telling");
            incident = Told(reminded);
        }
    }

    [Test]
    public void Nobody_is_reminded_of_another_trouble_nor_after_the_end_nor_once_somebody_has_taken_it_up()
    {
        var other = Decide(new PolicyStatus { LastFinishedRun = Waiting("NameRefused") }, A.Spec, A.Now)!;
        var incident = Decide(new PolicyStatus { LastFinishedRun = Waiting(RunReasons.AwaitsCertificate) }, A.Spec, A.Now)!;
        Assert.That(IncidentReminders.NextAt(other), Is.Null);
        Assert.That(IncidentReminders.NextAt(incident with { ResolvedAt = A.Now }), Is.Null);
        Assert.That(IncidentReminders.NextAt(incident with { AcknowledgedAt = A.Now }), Is.Null);
    }

    private static AccountedRun Waiting(string reason) => new() { Name = "www-1", Phase = RunPhase.NeedsManual, FinishedAt = A.Now, Reason = reason, Message = "Have it signed." };

    private static IncidentStatus? Decide(PolicyStatus status, PolicySpec spec, DateTimeOffset now) => IncidentDecider.Decide(A.Policy(spec, status), Sinks, "prod", now);

    private static IncidentStatus Told(IncidentStatus incident)
        => IncidentDeliveries.Apply(
            incident,
            [.. incident.Deliveries!.Select(d => new DeliveryResult(incident.DedupKey, d.Sink, incident.Revision, IncidentDeliveries.RevisionAfter(incident, d), new DeliveryOutcome.Delivered(), null))],
            "seed",
            A.Now)!;
}
