using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Operator.Batches;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;
using static CertOperator.Crds.Batches.BatchRowState;

namespace CertOperator.Operator.Tests.Batches;

public sealed class BatchStateMachineTests
{
    private static readonly IReadOnlyList<BatchRow> Two = ABatch.Rows(Waiting, Waiting);

    [Test]
    public void A_new_batch_is_planned()
    {
        Assert.That(Decide(ABatch.Of(), null), Is.InstanceOf<BatchDecision.Plan>());
        Assert.That(Decide(ABatch.Of(ABatch.Spec with { Mode = null }), null), Is.InstanceOf<BatchDecision.Plan>());
    }

    [Test]
    public void A_dry_run_ends_with_its_plan_and_begins_anew_when_it_is_made_live()
    {
        var dry = ABatch.Spec with { Mode = BatchMode.DryRun };
        var planned = ABatch.Of(dry, new BatchStatus { Phase = BatchPhase.Planning, PlanHash = BatchSelection.PlanHash(dry), PlannedAt = A.Now });
        Assert.That(Decide(planned, Two), Has.Property("Phase").EqualTo(BatchPhase.Previewed));

        planned.Status = planned.Status! with { Phase = BatchPhase.Previewed };
        Assert.That(Decide(planned, null), Is.InstanceOf<BatchDecision.Nothing>());
        planned.Spec = planned.Spec with { MaxConcurrent = 50 };
        Assert.That(Decide(planned, null), Is.InstanceOf<BatchDecision.Nothing>(), "another pace is no other plan");
        planned.Spec = planned.Spec with { Mode = BatchMode.Live };
        Assert.That(Decide(planned, null), Is.InstanceOf<BatchDecision.Plan>());
    }

    [TestCase(BatchPhase.Completed)]
    [TestCase(BatchPhase.Cancelled)]
    [TestCase(BatchPhase.Stopped)]
    public void A_batch_that_has_ended_does_nothing_whatever_is_changed(BatchPhase phase)
        => Assert.That(Decide(ABatch.Of(ABatch.Spec with { DaysUntilExpiry = 7 }, new BatchStatus { Phase = phase, PlanHash = "other" }), Two), Is.InstanceOf<BatchDecision.Nothing>());

    [Test]
    public void As_many_runs_start_as_there_are_places()
    {
        Assert.That(Decide(ABatch.Running(), ABatch.Rows(Waiting, Waiting, Waiting, Waiting)), Is.EqualTo(new BatchDecision.Start(3)));
        Assert.That(Decide(ABatch.Running(), ABatch.Rows(Running, Queued, Waiting, Waiting)), Is.EqualTo(new BatchDecision.Start(1)));
        Assert.That(Decide(ABatch.Running(), ABatch.Rows(Running, Queued, Running, Waiting)), Has.Property("Phase").EqualTo(BatchPhase.Running).And.Property("Until").Null);
        Assert.That(Decide(ABatch.Running(ABatch.Spec with { MaxConcurrent = null }), Two), Is.EqualTo(new BatchDecision.Start(10)), "by default ten");
    }

    [Test]
    public void Runs_are_spread_evenly_over_the_hour()
    {
        var spec = ABatch.Spec with { MaxPerHour = 60 };
        Assert.That(Decide(ABatch.Running(spec), Two), Is.EqualTo(new BatchDecision.Start(1)), "the first at once");
        Assert.That(Decide(ABatch.Running(spec), Two, A.Now.AddSeconds(-59)), Has.Property("Until").EqualTo(A.Now.AddSeconds(1)).And.Property("Reason").EqualTo("Paced"));
        Assert.That(Decide(ABatch.Running(spec), Two, A.Now.AddSeconds(-60)), Is.EqualTo(new BatchDecision.Start(1)));
    }

    [Test]
    public void A_paused_batch_takes_back_what_has_not_begun_and_starts_nothing()
    {
        var spec = ABatch.Spec with { Pause = true };
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Running, Queued, Waiting)), Is.InstanceOf<BatchDecision.Withdraw>());
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Running, Waiting)), Has.Property("Phase").EqualTo(BatchPhase.Paused));
        Assert.That(Decide(ABatch.Running(phase: BatchPhase.Paused), ABatch.Rows(Running, Waiting)), Is.EqualTo(new BatchDecision.Start(2)), "and goes on");
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Succeeded, Skipped)), Has.Property("Phase").EqualTo(BatchPhase.Completed), "nothing is left to pause");
    }

    [Test]
    public void A_cancelled_batch_finishes_what_has_begun()
    {
        var spec = ABatch.Spec with { Cancel = true };
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Running, Queued, Waiting)), Is.InstanceOf<BatchDecision.Withdraw>());
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Running, Waiting)), Is.InstanceOf<BatchDecision.Hold>().And.Property("Phase").EqualTo(BatchPhase.Cancelling));
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Succeeded, Waiting)), Is.InstanceOf<BatchDecision.Finish>().And.Property("Phase").EqualTo(BatchPhase.Cancelled));
        Assert.That(Decide(ABatch.Of(spec), null), Has.Property("Phase").EqualTo(BatchPhase.Cancelled), "also before it was planned");
    }

    [Test]
    public void Cancelling_cannot_be_taken_back()
        => Assert.That(Decide(ABatch.Running(phase: BatchPhase.Cancelling), ABatch.Rows(Running, Waiting)), Has.Property("Phase").EqualTo(BatchPhase.Cancelling));

    [Test]
    public void A_changed_batch_can_be_cancelled()
    {
        var batch = ABatch.Running();
        batch.Spec = batch.Spec with { DaysUntilExpiry = 3, Cancel = true };
        Assert.That(Decide(batch, ABatch.Rows(Waiting)), Has.Property("Phase").EqualTo(BatchPhase.Cancelled));
    }

    [Test]
    public void Too_many_failures_stop_it()
    {
        var spec = ABatch.Spec with { StopAfterFailures = 2 };
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Failed, Waiting)), Is.InstanceOf<BatchDecision.Start>());
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Failed, NeedsManual, Queued, Waiting)), Is.InstanceOf<BatchDecision.Withdraw>());
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Failed, NeedsManual, Running, Waiting)), Has.Property("Phase").EqualTo(BatchPhase.Stopping));
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Failed, NeedsManual, Waiting)), Has.Property("Phase").EqualTo(BatchPhase.Stopped).And.Property("Reason").EqualTo("TooManyFailures"));
        Assert.That(Decide(ABatch.Running(spec), ABatch.Rows(Failed, Failed)), Has.Property("Phase").EqualTo(BatchPhase.Completed).And.Property("Reason").EqualTo("SomeFailed"), "nothing is left to stop");
    }

    [Test]
    public void What_a_person_was_to_do_anyway_is_no_failure()
    {
        var byHand = ABatch.Row(NeedsManual, "hand") with { Provider = CertificateProviderKind.Manual };
        Assert.That(Decide(ABatch.Running(ABatch.Spec with { StopAfterFailures = 1 }), [byHand, ABatch.Row(Waiting)]), Is.InstanceOf<BatchDecision.Start>());
    }

    [Test]
    public void It_ends_when_every_policy_has_had_its_turn()
        => Assert.That(Decide(ABatch.Running(), ABatch.Rows(Succeeded, Skipped, Succeeded)), Is.EqualTo(new BatchDecision.Finish(BatchPhase.Completed, "Completed", "2 of 3 policies were renewed, 1 were skipped.")));

    [Test]
    public void A_batch_that_has_begun_holds_to_its_plan()
    {
        var batch = ABatch.Running();
        batch.Spec = batch.Spec with { DaysUntilExpiry = 3 };
        Assert.That(Decide(batch, Two), Is.InstanceOf<BatchDecision.Stall>().And.Property("Reason").EqualTo("SpecChanged"));
        batch.Spec = ABatch.Spec with { MaxConcurrent = 1, MaxPerHour = 5, StopAfterFailures = 1 };
        Assert.That(Decide(batch, Two), Is.EqualTo(new BatchDecision.Start(1)), "but not to its pace");
    }

    [Test]
    public void A_plan_that_is_lost_is_made_again()
        => Assert.That(Decide(ABatch.Running(), null), Is.InstanceOf<BatchDecision.Plan>());

    [Test]
    public void What_refuses_a_batch_stalls_it_also_when_it_has_begun()
    {
        var refusal = new PolicyProblem("NamespaceNotAccepted", "No.");
        Assert.That(BatchStateMachine.Decide(new BatchObservation { Batch = ABatch.Of(), Rows = null, Refusal = refusal }, A.Now), Is.EqualTo(new BatchDecision.Stall("NamespaceNotAccepted", "No.")));
        Assert.That(BatchStateMachine.Decide(new BatchObservation { Batch = ABatch.Running(), Rows = Two, Refusal = refusal }, A.Now), Is.EqualTo(new BatchDecision.Stall("NamespaceNotAccepted", "No.")));
    }

    private static BatchDecision Decide(CertificateRenewalBatch batch, IReadOnlyList<BatchRow>? rows, DateTimeOffset? lastStart = null)
        => BatchStateMachine.Decide(new BatchObservation { Batch = batch, Rows = rows, Refusal = null, LastStart = lastStart }, A.Now);
}
