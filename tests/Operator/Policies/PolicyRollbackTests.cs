using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class PolicyRollbackTests
{
    private static readonly RollbackStatus Held = new() { RequestedAt = "1", Since = A.Now, Fingerprint = "f1" };
    private static readonly PolicyStatus HeldStatus = new() { Rollback = Held, Handled = new HandledRequests { RollbackRequestedAt = "1" } };

    [Test]
    public void A_request_starts_a_run_that_puts_the_earlier_certificate_back()
    {
        var observation = Observe(Asking("1")) with { Secret = A.Present(A.Certificate("f2")), Rollback = new RollbackCandidate.Possible(A.Certificate("f1")) };
        var start = (PolicyDecision.Start)Decide(observation, new PolicyStatus { Fingerprint = "f2" });
        Assert.That((start.Trigger, start.Need.Reason, start.Request, start.Rollback), Is.EqualTo((RunTrigger.Manual, PolicyReasons.RolledBack, (string?)null, new RollbackOrder("f1", "1"))));
    }

    [Test]
    public void A_request_is_acted_on_once_per_value()
    {
        Assert.That(PolicyRollback.Request(Asking("1"), HeldStatus), Is.Null);
        Assert.That(PolicyRollback.Request(Asking("2"), HeldStatus), Is.EqualTo("2"));
        Assert.That(PolicyRollback.Request(A.Policy(), HeldStatus), Is.Null);
    }

    [Test]
    public void The_run_that_answers_is_the_proof_that_it_was_acted_on()
    {
        Assert.That(PolicyRollback.Handle(new PolicyStatus(), Asking("2"), [Answering("1")]), Is.EqualTo(new PolicyStatus()));
        Assert.That(PolicyRollback.Handle(new PolicyStatus(), Asking("1"), [Answering("1")]), Is.EqualTo(HeldStatus));
    }

    [Test]
    public void A_run_that_put_nothing_back_holds_nothing_until_it_is_resumed_and_does()
    {
        var failed = Answering("1", new RunStatus { Phase = RunPhase.Failed, FinishedAt = A.Now, CurrentStep = StepName.StoreSecret, Message = "StoreSecret: no." });
        var status = PolicyRollback.Account(HeldStatus, failed);
        Assert.That(status.Rollback!.Refused, Is.EqualTo("Run www-1 ended Failed: StoreSecret: no."));
        Assert.That(PolicyRollback.Held(status), Is.Null);

        var succeeded = Answering("1", new RunStatus { Phase = RunPhase.Succeeded, FinishedAt = A.Now, Certificate = A.Certificate() });
        Assert.That(PolicyRollback.Held(PolicyRollback.Account(status, succeeded)), Is.EqualTo(Held));
    }

    [Test]
    public void A_run_that_put_the_pair_back_and_failed_after_that_holds_it()
    {
        var run = Answering("1", new RunStatus { Phase = RunPhase.NeedsManual, FinishedAt = A.Now, CurrentStep = StepName.Deploy, Certificate = A.Certificate() });
        Assert.That(PolicyRollback.Held(PolicyRollback.Account(HeldStatus, run)), Is.EqualTo(Held));
    }

    [Test]
    public void The_hold_ends_with_the_annotation_or_with_a_renewal_that_was_asked_for()
    {
        Assert.That(PolicyRollback.Lift(HeldStatus, A.Policy()).Rollback, Is.Null);
        Assert.That(PolicyRollback.Lift(HeldStatus, Asking("1")).Rollback, Is.EqualTo(Held));
        Assert.That(PolicyRollback.Lift(HeldStatus, Asking("2")).Rollback, Is.EqualTo(Held), "until the other request is acted on");

        var policy = Asking("1");
        policy.Metadata.Annotations![WellKnown.RenewRequestedAt] = "now";
        var renewal = A.Run();
        renewal.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RenewRequestedAt] = "now" };
        Assert.That(Decide(Observe(policy), HeldStatus), Is.TypeOf<PolicyDecision.Start>().With.Property("Rollback").Null);
        Assert.That(PolicyAccounting.Handle(HeldStatus, policy, [renewal]).Rollback, Is.Null);
    }

    [Test]
    public void While_it_is_held_nothing_is_renewed_however_much_it_is_needed()
    {
        var finding = A.Present(A.Certificate("f1", A.Now) with { Names = ["old.example.com"] }, issuedFrom: "https://other.example.com/dir");
        Assert.That(Decide(Observe(Asking("1")) with { Secret = finding }, HeldStatus), Is.TypeOf<PolicyDecision.Held>().With.Property("Need").Not.Null);
        Assert.That(Decide(Observe(Asking("1")) with { Secret = A.Present() }, HeldStatus), Is.TypeOf<PolicyDecision.Held>().With.Property("Need").Null);
    }

    [Test]
    public void While_it_is_held_a_lost_or_overwritten_Secret_gets_the_rolled_back_pair_again()
    {
        var status = HeldStatus with { Fingerprint = "f1" };
        foreach (var finding in new SecretFinding[] { new SecretFinding.Absent(), new SecretFinding.Defective(PolicyReasons.InvalidKeyPair, "broken"), A.Present(A.Certificate("f2")) })
        {
            var decision = Decide(Observe(A.Policy(status: status, annotations: new() { [WellKnown.RollbackRequestedAt] = "1" })) with { Secret = finding }, status);
            Assert.That((decision as PolicyDecision.Start)?.Rollback, Is.EqualTo(new RollbackOrder("f1", null)), finding.GetType().Name);
        }
    }

    [Test]
    public void A_pair_that_is_put_back_is_no_issuance()
    {
        var status = PolicyAccounting.Account(new PolicyStatus(), Answering("1", new RunStatus { Phase = RunPhase.Succeeded, FinishedAt = A.Now, Certificate = A.Certificate() }), A.Policy(), new Uri(A.Server), A.Now);
        Assert.That((status.RecentIssuances, status.LastFinishedRun!.Restored), Is.EqualTo(((IReadOnlyList<DateTimeOffset>?)null, (bool?)null)));
    }

    [Test]
    public void A_certificate_that_expired_while_it_is_held_is_not_ready_and_the_message_says_why()
    {
        var status = HeldStatus with { NotAfter = A.Now.AddMinutes(-1) };
        var built = PolicyStatusBuilder.Build(Observe(Asking("1")), status, new PolicyDecision.Held(Held, null), null, A.Now);
        var ready = built.Conditions!.Single(c => c.Type == PolicyStatusBuilder.Ready);
        Assert.That((ready.Status, ready.Reason), Is.EqualTo(("False", PolicyReasons.Expired)));
        Assert.That(ready.Message, Does.Contain("held by a rollback").And.Contain(WellKnown.RollbackRequestedAt));
    }

    private static CertificateRenewalPolicy Asking(string value) => A.Policy(annotations: new() { [WellKnown.RollbackRequestedAt] = value });

    private static CertificateRenewalRun Answering(string request, RunStatus? status = null)
    {
        var run = A.Run(status);
        run.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RollbackRequestedAt] = request, [WellKnown.RollbackTo] = "f1" };
        return run;
    }

    private static PolicyDecision Decide(PolicyObservation observation, PolicyStatus status) => PolicyDecider.Decide(observation, status, null, A.Now);

    private static PolicyObservation Observe(CertificateRenewalPolicy policy)
        => new() { Policy = policy, Resolution = PolicyResolver.Resolve(policy, null), Runs = [], OlderWriter = null, Secret = null, MissingReference = null };
}
