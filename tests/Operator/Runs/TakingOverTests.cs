using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Runs;

/// <summary>Which runs take a pair that a person provides, and what becomes of the request where one cannot.</summary>
public sealed class TakingOverTests
{
    [TestCase(StepName.Preflight)]
    [TestCase(StepName.PlaceOrder)]
    [TestCase(StepName.StoreSecret)]
    public void A_run_in_progress_takes_the_pair_without_waiting_for_the_CA(StepName current)
        => Assert.That(Decide(Running(current) with { RetryAt = A.Now.AddMinutes(2) }), Is.EqualTo(new RunDecision.Reopen(new RunRequest.Resolve("mine", null))));

    [TestCase(null)]
    [TestCase(RunPhase.Queued)]
    public void A_run_that_waits_takes_the_pair_even_where_no_place_is_free(RunPhase? phase)
    {
        var observation = Observe(phase is null ? null : new RunStatus { Phase = phase }) with { Admitted = false };
        Assert.That(RunStateMachine.Decide(observation, A.Now), Is.TypeOf<RunDecision.Reopen>());
        Assert.That(RunStateMachine.Decide(observation with { OlderActiveRun = "www-0" }, A.Now), Is.TypeOf<RunDecision.Queue>().With.Property("Message").Contains("Secret mine"), "an older run is at work");
    }

    [Test]
    public void A_run_that_has_succeeded_answers_too()
        => Assert.That(Decide(new RunStatus { Phase = RunPhase.Succeeded }), Is.TypeOf<RunDecision.Reopen>());

    [Test]
    public void A_dry_run_and_a_rollback_are_answered_when_they_have_ended()
    {
        var dry = Observe(Running(StepName.PlaceOrder) with { Mode = RunMode.DryRun });
        Assert.That(RunStateMachine.Decide(dry, A.Now), Is.TypeOf<RunDecision.Execute>());
        var byDefault = Observe(null) with { Policy = A.Policy(A.Spec with { DryRunDefault = true }) };
        Assert.That(RunStateMachine.Decide(byDefault, A.Now), Is.TypeOf<RunDecision.Begin>());
        var rollback = Observe(Running(StepName.StoreSecret));
        rollback.Run.Metadata.Annotations![WellKnown.RollbackTo] = "f0";
        Assert.That(RunStateMachine.Decide(rollback, A.Now), Is.TypeOf<RunDecision.Execute>());
    }

    [Test]
    public void A_value_that_was_acted_on_asks_anew_once_it_was_taken_away()
    {
        var handled = new HandledRunRequests { ResolveWithSecret = "mine", ResumeRequestedAt = "1" };
        var observation = Observe(new RunStatus { Phase = RunPhase.Failed, Handled = handled with { ResumeRequestedAt = null } });
        Assert.That(RunStateMachine.Decide(observation, A.Now), Is.TypeOf<RunDecision.Nothing>(), "it still says the same");

        observation.Run.Metadata.Annotations = [];
        Assert.That(RunStateMachine.Decide(observation, A.Now), Is.TypeOf<RunDecision.Withdraw>());
        Assert.That(RunRequest.Withdrawn(observation.Run)!.Handled, Is.Null);

        var other = A.Run(new RunStatus { Phase = RunPhase.Failed, Handled = handled });
        other.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.ResumeRequestedAt] = "1" };
        Assert.That(RunRequest.Withdrawn(other)!.Handled, Is.EqualTo(new HandledRunRequests { ResumeRequestedAt = "1" }), "the other request is left alone");
    }

    [Test]
    public void What_passes_is_waited_for()
    {
        var failed = A.Finished(RunPhase.Failed, A.Now.AddHours(-1));
        var active = A.Run(new RunStatus { Phase = RunPhase.Running }, "www-2");
        Assert.That(ReopeningObstacles.Passing(failed, null, [active]), Does.Contain("Run www-2 of the same policy is in progress").And.Contain(WellKnown.ResolveWithSecret));
        Assert.That(ReopeningObstacles.Passing(failed, "spec.hostname: wrong.", []), Does.Contain("spec.hostname: wrong."));
        Assert.That(ReopeningObstacles.Passing(failed, null, [A.Finished(RunPhase.Failed, A.Now, "www-2")]), Is.Null);
        Assert.That(ReopeningObstacles.Passing(A.Run(Running(StepName.PlaceOrder)), null, [active]), Is.Null, "it is at work itself");
        Assert.That(ReopeningObstacles.Passing(A.Finished(RunPhase.Succeeded, A.Now), null, [active]), Is.Null, "waiting would not help");
    }

    [Test]
    public void What_does_not_pass_is_refused_with_what_to_do()
    {
        const string Instead = "kubectl annotate crp www certoperator.io/resolve-with-secret=mine --overwrite";
        Assert.That(Lasting(A.Finished(RunPhase.Succeeded, A.Now)), Does.Contain("It has succeeded").And.Contain(Instead));
        Assert.That(Lasting(A.Run(Running(StepName.Deploy))), Does.Contain("at step Deploy").And.Contain(Instead));
        Assert.That(Lasting(A.Finished(RunPhase.Failed, A.Now.AddHours(-1)), A.Finished(RunPhase.Succeeded, A.Now, "www-2")), Does.Contain("Run www-2 has succeeded since").And.Contain(Instead));
        Assert.That(Lasting(A.Run(new RunStatus { Phase = RunPhase.Failed, Mode = RunMode.DryRun })), Does.Contain("It is a dry run").And.Contain(Instead));
        Assert.That(Lasting(A.Finished(RunPhase.Failed, A.Now)), Is.Null);
        Assert.That(Lasting(A.Run(Running(StepName.StoreSecret))), Is.Null);
    }

    [Test]
    public void A_certificate_that_the_CA_had_issued_counts_also_where_another_was_stored()
    {
        var resolution = new RunResolution { SecretName = "mine", Fingerprint = "f1" };
        var issued = A.Finished(RunPhase.Succeeded, A.Now);
        issued.Status = issued.Status! with { Resolution = resolution, IssuedAt = A.Now.AddMinutes(-3) };
        var provided = A.Finished(RunPhase.Succeeded, A.Now);
        provided.Status = provided.Status! with { Resolution = resolution };
        Assert.That((RunTally.Issued(issued), RunTally.Issued(provided)), Is.EqualTo(((DateTimeOffset?)A.Now.AddMinutes(-3), (DateTimeOffset?)null)));
    }

    private static string? Lasting(CertificateRenewalRun run, params CertificateRenewalRun[] others)
        => ReopeningObstacles.Lasting(run, new RunRequest.Resolve("mine", null), A.Policy(), others);

    private static RunDecision Decide(RunStatus? status) => RunStateMachine.Decide(Observe(status), A.Now);

    private static RunObservation Observe(RunStatus? status)
    {
        var run = A.Run(status);
        run.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.ResolveWithSecret] = "mine" };
        return new RunObservation { Run = run, Policy = A.Policy(), Resolved = A.Resolved(), PolicyProblem = null, OlderActiveRun = null, Admitted = true, NotBefore = default };
    }

    private static RunStatus Running(StepName current) => new()
    {
        Phase = RunPhase.Running,
        StartedAt = A.Now.AddSeconds(-1),
        RequestHash = A.Resolved().RequestHash,
        CurrentStep = current,
        Steps = [.. Enum.GetValues<StepName>().Select(n => new RunStep { Name = n, State = n < current ? StepState.Done : StepState.Pending })],
    };
}
