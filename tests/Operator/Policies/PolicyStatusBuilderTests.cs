using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class PolicyStatusBuilderTests
{
    private static readonly PolicyStatus Stored = new() { NotBefore = A.Now.AddDays(-1), NotAfter = A.Now.AddDays(89), Fingerprint = A.Present().Certificate.Fingerprint };

    private static IEnumerable<PolicyDecision> Waits() =>
    [
        new PolicyDecision.Suspended(new RenewalNeed(PolicyReasons.RequestChanged, "Other names.")),
        new PolicyDecision.BackOff(A.Now.AddHours(1), PolicyReasons.RenewalFailed, "The CA refused."),
        new PolicyDecision.Stalled(PolicyReasons.NeedsManual, "A person is needed."),
        new PolicyDecision.Start(Crds.Runs.RunTrigger.Scheduled, new RenewalNeed(PolicyReasons.RequestChanged, "Other names."), null),
    ];

    [TestCaseSource(nameof(Waits))]
    public void A_policy_whose_certificate_lacks_a_name_is_not_ready_whatever_its_renewal_waits_for(PolicyDecision decision)
    {
        var edited = A.Policy(A.Spec with { AdditionalNames = ["more." + A.Spec.Hostname] });
        Assert.That(Ready(Observe(edited, A.Present()), Stored, decision), Is.EqualTo(("False", PolicyReasons.RequestChanged)));
        Assert.That(Ready(Observe(A.Policy(), A.Present()), Stored, decision), Is.EqualTo(("True", PolicyReasons.Ready)));
    }

    [Test]
    public void A_look_that_did_not_read_the_Secret_leaves_readiness_as_it_was()
    {
        var edited = A.Policy(A.Spec with { AdditionalNames = ["more." + A.Spec.Hostname] });
        var before = PolicyStatusBuilder.Build(Observe(edited, A.Present()), Stored, new PolicyDecision.Wait(), null, A.Now);
        Assert.That(Ready(Observe(edited, null), before, new PolicyDecision.Wait()), Is.EqualTo(("False", PolicyReasons.RequestChanged)));
        Assert.That(Ready(Observe(A.Policy(), A.Present()), before, new PolicyDecision.Wait()), Is.EqualTo(("True", PolicyReasons.Ready)));
    }

    private static (string Status, string Reason) Ready(PolicyObservation observation, PolicyStatus status, PolicyDecision decision)
    {
        var ready = PolicyStatusBuilder.Build(observation, status, decision, null, A.Now).Conditions!.Single(c => c.Type == PolicyStatusBuilder.Ready);
        return (ready.Status, ready.Reason);
    }

    private static PolicyObservation Observe(CertificateRenewalPolicy policy, SecretFinding? secret)
        => new() { Policy = policy, Resolution = PolicyResolver.Resolve(policy, null), Runs = [], OlderWriter = null, Secret = secret, MissingReference = null };
}
