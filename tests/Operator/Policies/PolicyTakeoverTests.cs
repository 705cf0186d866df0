using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

/// <summary>A policy that is asked to take over a pair does so whatever its runs do.</summary>
public sealed class PolicyTakeoverTests
{
    private static readonly TakeoverOrder Order = new("mine", "alice@example.com");

    private static IEnumerable<TestCaseData> States()
    {
        yield return Case("suspended", A.Spec with { Suspend = true }, new PolicyStatus());
        yield return Case("rolled back", A.Spec, new PolicyStatus { Rollback = new RollbackStatus { RequestedAt = "1", Fingerprint = "f1" } });
        yield return Case("waiting for a person", A.Spec, new PolicyStatus { LastFinishedRun = new AccountedRun { Name = "gone", Phase = RunPhase.NeedsManual, Generation = 1, FinishedAt = A.Now } });
        yield return Case("backing off", A.Spec, new PolicyStatus { LastFinishedRun = new AccountedRun { Name = "www-1", Phase = RunPhase.Failed, Generation = 1, FinishedAt = A.Now }, NextAttemptTime = A.Now.AddHours(1) });
        yield return Case("dry by default", A.Spec with { DryRunDefault = true }, new PolicyStatus());
        yield return Case("healthy", A.Spec, new PolicyStatus());

        static TestCaseData Case(string name, PolicySpec spec, PolicyStatus status) => new TestCaseData(spec, status).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(States))]
    public void A_run_is_made_for_the_pair(PolicySpec spec, PolicyStatus status)
    {
        foreach (var missing in new[] { null, new PolicyProblem(PolicyReasons.MissingSecret, "The CA's credentials are gone.") })
        {
            var decision = Decide(Observe(spec) with { MissingReference = missing }, status);
            Assert.That(decision, Is.TypeOf<PolicyDecision.Start>());
            var start = (PolicyDecision.Start)decision;
            Assert.That((start.TakeOver, start.Mode, start.Trigger, start.Request, start.Rollback), Is.EqualTo((Order, RunMode.Live, RunTrigger.Manual, (string?)null, (RollbackOrder?)null)));
        }
    }

    [Test]
    public void What_makes_the_Secret_anothers_keeps_the_pair_out_of_it()
    {
        Assert.That(Decide(Observe() with { OlderWriter = "older" }), Is.TypeOf<PolicyDecision.Stalled>());
        Assert.That(Decide(Observe() with { Secret = new SecretFinding.Untouchable(PolicyReasons.SecretForeign, "Not yours.") }), Is.TypeOf<PolicyDecision.Stalled>());
        Assert.That(Decide(Observe() with { Takeover = new TakeoverCandidate.Refused(Order, "Expired.") }), Is.TypeOf<PolicyDecision.Wait>());
        Assert.That(Decide(Observe(), PolicyTakeover.Handled(new PolicyStatus(), "mine")), Is.TypeOf<PolicyDecision.Wait>(), "it was acted on");
    }

    [TestCase(null, StepName.Preflight, true)]
    [TestCase(RunPhase.Queued, StepName.Preflight, true)]
    [TestCase(RunPhase.Running, StepName.SolveChallenges, true)]
    [TestCase(RunPhase.Running, StepName.StoreSecret, true)]
    [TestCase(RunPhase.Running, StepName.Deploy, false)]
    public void A_run_in_progress_gets_the_pair_until_it_has_stored_another(RunPhase? phase, StepName current, bool gets)
    {
        var active = Active(phase, current);
        Assert.That((Decide(Observe() with { Runs = [active] }) as PolicyDecision.InProgress)?.TakeOver, Is.EqualTo(gets ? Order : null));
    }

    [Test]
    public void A_run_that_has_refused_the_pair_is_not_asked_again_nor_is_one_that_issues_nothing()
    {
        var refused = Active(RunPhase.Running, StepName.Preflight);
        refused.Status = refused.Status! with { Handled = new HandledRunRequests { ResolveWithSecret = "mine" } };
        var dry = Active(RunPhase.Running, StepName.Preflight);
        dry.Status = dry.Status! with { Mode = RunMode.DryRun };
        var rollback = Active(RunPhase.Running, StepName.Preflight);
        rollback.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RollbackTo] = "f0" };
        Assert.That(new[] { refused, dry, rollback }.Select(r => PolicyTakeover.CanTake(r, A.Policy(), "mine")), Is.All.False);
    }

    [Test]
    public void A_run_that_has_taken_the_pair_is_the_proof_and_one_that_was_only_told_is_none()
    {
        var told = Active(RunPhase.Running, StepName.Preflight);
        told.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.ResolveWithSecret] = "mine" };
        Assert.That(PolicyTakeover.Note(new PolicyStatus(), Asking(), [told]).Handled, Is.Null);
        told.Status = told.Status! with { Resolution = new RunResolution { SecretName = "mine" } };
        Assert.That(PolicyTakeover.Note(new PolicyStatus(), Asking(), [told]).Handled?.ResolveWithSecret, Is.EqualTo("mine"));
    }

    [Test]
    public void The_same_name_asks_anew_once_the_annotation_was_taken_away()
    {
        var handled = PolicyTakeover.Handled(new PolicyStatus { Handled = new HandledRequests { CheckRequestedAt = "1" } }, "mine");
        Assert.That(PolicyTakeover.Lift(handled, Asking()), Is.SameAs(handled));
        var lifted = PolicyTakeover.Lift(handled, A.Policy());
        Assert.That(lifted.Handled, Is.EqualTo(new HandledRequests { CheckRequestedAt = "1" }));
        Assert.That(PolicyTakeover.Request(Asking(), lifted), Is.EqualTo(Order));
    }

    [Test]
    public void A_pair_that_was_taken_over_ends_what_a_rollback_holds()
    {
        var held = new PolicyStatus { Rollback = new RollbackStatus { RequestedAt = "1", Fingerprint = "f0" } };
        var run = A.Finished(RunPhase.Succeeded, A.Now);
        Assert.That(PolicyRollback.Account(held, run).Rollback, Is.Not.Null, "a run that took over nothing");
        run.Status = run.Status! with { Resolution = new RunResolution { SecretName = "mine" } };
        Assert.That(PolicyRollback.Account(held, run).Rollback, Is.Null);
    }

    [Test]
    public void A_run_that_could_not_take_the_pair_counts_as_no_failure()
    {
        var run = A.Finished(RunPhase.Failed, A.Now, reason: RunReasons.ResolutionRefused);
        Assert.That(PolicyAccounting.Account(new PolicyStatus { ConsecutiveFailures = 0 }, run, A.Policy(), null, A.Now).ConsecutiveFailures, Is.Zero);
    }

    [Test]
    public void The_run_that_is_made_says_which_Secret_and_who_asked()
    {
        var run = RunTemplate.For(A.Policy(), "www-2", A.Run().Spec, PolicyReasons.TakenOver, takeOver: Order);
        Assert.That((run.Metadata.Annotations![WellKnown.ResolveWithSecret], run.Metadata.Annotations[WellKnown.RequestedBy]), Is.EqualTo(("mine", "alice@example.com")));
    }

    private static CertificateRenewalPolicy Asking(PolicySpec? spec = null)
        => A.Policy(spec, annotations: new Dictionary<string, string> { [WellKnown.ResolveWithSecret] = "mine", [WellKnown.RequestedBy] = "alice@example.com" });

    private static PolicyDecision Decide(PolicyObservation observation, PolicyStatus? status = null)
        => PolicyDecider.Decide(observation, status ?? new PolicyStatus(), new RenewalDecision(A.Now.AddDays(30), RenewalSource.LastThird, null), A.Now);

    private static PolicyObservation Observe(PolicySpec? spec = null)
    {
        var policy = Asking(spec);
        return new PolicyObservation
        {
            Policy = policy,
            Resolution = PolicyResolver.Resolve(policy, null),
            Runs = [],
            OlderWriter = null,
            Secret = A.Present(),
            MissingReference = null,
            Takeover = new TakeoverCandidate.Possible(Order),
        };
    }

    private static CertificateRenewalRun Active(RunPhase? phase, StepName current) => A.Run(phase is null ? null : new RunStatus
    {
        Phase = phase,
        Steps = phase == RunPhase.Queued ? null : [.. Enum.GetValues<StepName>().Select(n => new RunStep { Name = n, State = n < current ? StepState.Done : StepState.Pending })],
    });
}
