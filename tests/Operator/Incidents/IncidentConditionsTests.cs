using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Incidents;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Incidents;

public sealed class IncidentConditionsTests
{
    private static readonly IncidentStatus Open = new() { Cause = IncidentCause.NeedsManual, Since = A.Now, DedupKey = "key", Revision = 1, Message = "A message." };

    [Test]
    public void A_policy_that_never_had_an_incident_gets_no_condition()
        => Assert.That(With(null, null), Is.Null);

    [Test]
    public void An_open_incident_is_told_with_its_cause()
    {
        var condition = With(null, Open)!.Single();

        Assert.That((condition.Type, condition.Status, condition.Reason, condition.Message), Is.EqualTo(("IncidentOpen", "True", "NeedsManual", "Since 2026-11-22 12:00 UTC: A message.")));
    }

    [Test]
    public void Who_could_not_be_told_is_named_with_the_reason()
    {
        var condition = With(null, Open with { Deliveries = [new IncidentDelivery { Sink = "slack", DeadLetter = true, LastError = "Gone." }, new IncidentDelivery { Sink = "webhook/a", LastError = "Away." }] })!.Single();

        Assert.That((condition.Status, condition.Reason), Is.EqualTo(("True", "DeliveryFailed")));
        Assert.That(condition.Message, Is.EqualTo("Since 2026-11-22 12:00 UTC: A message. slack could not be told: Gone."));
    }

    [Test]
    public void After_the_end_it_says_so_once()
    {
        var open = With(null, Open);
        var over = With(open, null)!;

        Assert.That((over.Single().Status, over.Single().Reason), Is.EqualTo(("False", "Resolved")));
        Assert.That(With(over, null), Is.SameAs(over), "nothing to write");
    }

    [Test]
    public void An_end_that_somebody_could_not_be_told_is_said_until_it_is_clear()
    {
        var condition = With(With(null, Open), Open with { ResolvedAt = A.Now, Deliveries = [new IncidentDelivery { Sink = "slack", Revision = 1, DeadLetter = true, LastError = "Gone." }] });
        Assert.That((condition!.Single().Status, condition!.Single().Reason), Is.EqualTo(("False", "DeliveryFailed")));
        Assert.That(With(condition, null)!.Single().Reason, Is.EqualTo("Resolved"));
    }

    private static IReadOnlyList<Condition>? With(IReadOnlyList<Condition>? before, IncidentStatus? incident)
        => IncidentConditions.With(A.Policy(status: new PolicyStatus { Conditions = before }), incident, A.Now);
}
