using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Operator.Incidents;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Providers.Incidents;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Incidents;

public sealed class IncidentDeliveriesTests
{
    private static readonly IncidentStatus Open = new()
    {
        DedupKey = "key",
        Revision = 1,
        Change = IncidentChange.Opened,
        Deliveries = [new IncidentDelivery { Sink = "slack" }],
    };

    [Test]
    public void What_was_taken_is_noted_and_earlier_failures_are_forgotten()
    {
        var failed = Apply(Open, new DeliveryOutcome.Retry("Away.", null))!;

        Assert.That(Apply(failed, new DeliveryOutcome.Delivered())!.Deliveries!.Single(), Is.EqualTo(new IncidentDelivery { Sink = "slack", Revision = 1, DeliveredAt = A.Now }));
    }

    [Test]
    public void Failures_wait_ever_longer_up_to_an_hour_and_end_as_a_dead_letter()
    {
        var incident = Open;
        var waits = new List<double>();
        for (var i = 1; i < DeliveryBackoff.MaxAttempts; i++)
        {
            incident = Apply(incident, new DeliveryOutcome.Retry("Away.", null))!;
            Assert.That((incident.Deliveries!.Single().Attempts, incident.Deliveries!.Single().DeadLetter), Is.EqualTo(((int?)i, (bool?)null)));
            waits.Add((incident.Deliveries!.Single().NextTry!.Value - A.Now).TotalSeconds);
        }

        for (var i = 0; i < waits.Count; i++)
        {
            var whole = Math.Min(5 * Math.Pow(2, i), 3600);
            Assert.That(waits[i], Is.InRange(whole * 0.9, whole), $"after failure {i + 1}");
        }

        var dead = Apply(incident, new DeliveryOutcome.Retry("Away.", null))!.Deliveries!.Single();
        Assert.That((dead.DeadLetter, dead.Attempts, dead.NextTry, dead.LastError, dead.Configuration), Is.EqualTo(((bool?)true, (int?)DeliveryBackoff.MaxAttempts, (DateTimeOffset?)null, "Away.", "c1")));
    }

    [Test]
    public void The_receivers_own_wait_counts_where_it_is_longer()
    {
        Assert.That(Apply(Open, new DeliveryOutcome.Retry("Busy.", TimeSpan.FromHours(2)))!.Deliveries!.Single().NextTry, Is.EqualTo(A.Now.AddHours(2)));
        Assert.That(Apply(Open, new DeliveryOutcome.Retry("Busy.", TimeSpan.FromSeconds(1)))!.Deliveries!.Single().NextTry, Is.GreaterThan(A.Now.AddSeconds(4)));
    }

    [Test]
    public void A_refusal_is_a_dead_letter_at_once()
    {
        var dead = Apply(Open, new DeliveryOutcome.Refused("Wrong key."))!;

        Assert.That((dead.Deliveries!.Single().DeadLetter, dead.Deliveries!.Single().LastError), Is.EqualTo(((bool?)true, "Wrong key.")));
        Assert.That(IncidentDeliveries.NextTry(dead), Is.Null);
        Assert.That(IncidentDeliveries.NextTry(IncidentDeliveries.Tell(dead, IncidentChange.Updated)), Is.EqualTo(DateTimeOffset.MinValue), "there is something new");
    }

    [Test]
    public void A_try_that_was_put_off_leaves_no_trace()
        => Assert.That(Apply(Open, new DeliveryOutcome.Postponed(TimeSpan.FromSeconds(9)))!.Deliveries!.Single(), Is.EqualTo(Open.Deliveries!.Single()));

    [Test]
    public void A_failure_to_tell_what_is_no_longer_to_be_told_does_not_count()
    {
        var newer = IncidentDeliveries.Tell(Open, IncidentChange.Updated);

        Assert.That(Apply(newer, new DeliveryOutcome.Retry("Away.", null), forRevision: 1)!.Deliveries!.Single().Attempts, Is.Null);
        Assert.That(Apply(newer, new DeliveryOutcome.Delivered(), forRevision: 1)!.Deliveries!.Single().Revision, Is.EqualTo(1), "but it was told");
        Assert.That(IncidentDeliveries.Apply(newer, [Result(new DeliveryOutcome.Delivered(), 1) with { DedupKey = "another" }], "seed", A.Now)!.Deliveries!.Single().Revision, Is.Null);
    }

    [Test]
    public void An_acknowledgement_follows_on_an_opening_that_was_not_told_yet()
    {
        var acknowledged = IncidentDeliveries.Tell(Open with { Deliveries = [new IncidentDelivery { Sink = "pagerDuty" }] }, IncidentChange.Acknowledged);
        var delivery = acknowledged.Deliveries!.Single();
        Assert.That((IncidentDeliveries.ChangeFor(acknowledged, delivery), IncidentDeliveries.RevisionAfter(acknowledged, delivery)), Is.EqualTo((IncidentChange.Opened, 1)));

        delivery = delivery with { Revision = 1 };
        Assert.That((IncidentDeliveries.ChangeFor(acknowledged, delivery), IncidentDeliveries.RevisionAfter(acknowledged, delivery)), Is.EqualTo((IncidentChange.Acknowledged, 2)));
    }

    [Test]
    public void It_is_over_when_everybody_has_heard_of_the_end()
    {
        var told = Open with { Deliveries = [new IncidentDelivery { Sink = "slack", Revision = 1 }] };
        var over = IncidentDeliveries.Tell(told with { ResolvedAt = A.Now }, IncidentChange.Resolved);

        Assert.That(IncidentDeliveries.IsOver(told), Is.False);
        Assert.That(IncidentDeliveries.IsOver(over), Is.False);
        Assert.That(Apply(over, new DeliveryOutcome.Delivered()), Is.Null);
        Assert.That(Apply(over, new DeliveryOutcome.Refused("Gone.")), Is.Not.Null, "who has heard of the beginning is owed the end");
        Assert.That(Apply(over with { Deliveries = [new IncidentDelivery { Sink = "slack" }] }, new DeliveryOutcome.Refused("Gone.")), Is.Null, "who never heard of it is not");
    }

    private static DeliveryResult Result(DeliveryOutcome outcome, int forRevision) => new("key", "slack", forRevision, forRevision, outcome, "c1");

    private static IncidentStatus? Apply(IncidentStatus incident, DeliveryOutcome outcome, int? forRevision = null)
        => IncidentDeliveries.Apply(incident, [Result(outcome, forRevision ?? incident.Revision)], "seed", A.Now);
}
