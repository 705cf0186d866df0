using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Batches;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Batches;

public sealed class BatchRowsTests
{
    private static readonly BatchRow Started = ABatch.Row(BatchRowState.Queued);

    [Test]
    public void A_row_follows_its_run()
    {
        Assert.That(Follow(null).State, Is.EqualTo(BatchRowState.Queued));
        Assert.That(Follow(new RunStatus { Phase = RunPhase.Queued, Reason = "Cooldown", Message = "It waits." }), Has.Property("State").EqualTo(BatchRowState.Queued).And.Property("Reason").EqualTo("Cooldown"));
        Assert.That(BatchRows.Follow(Started, A.Run(), A.Policy(), begun: true).State, Is.EqualTo(BatchRowState.Running), "its status says so only later");
        Assert.That(Follow(new RunStatus { Phase = RunPhase.Running }).State, Is.EqualTo(BatchRowState.Running));
        Assert.That(Follow(new RunStatus { Phase = RunPhase.NeedsManual, Reason = "NotVerified", Message = "Look." }), Has.Property("State").EqualTo(BatchRowState.NeedsManual).And.Property("Message").EqualTo("Look."));
        Assert.That(Follow(new RunStatus { Phase = RunPhase.Failed, Reason = "ServerUnreachable", Message = new string('x', 5000) }).Message, Has.Length.EqualTo(300));
    }

    [Test]
    public void A_certificate_that_was_issued_has_cost_what_its_run_says()
    {
        var cost = new Money { Amount = "15", Currency = "USD" };
        Assert.That(Follow(new RunStatus { Phase = RunPhase.Succeeded, Reason = "Succeeded", Message = "Done.", Cost = cost }), Has.Property("Cost").EqualTo(cost).And.Property("Message").Null);
        Assert.That(Follow(new RunStatus { Phase = RunPhase.Failed, Message = "No." }).Cost, Is.Null);
    }

    [Test]
    public void A_run_that_is_gone_is_told_by_its_policy_or_else_not_made_again()
    {
        var policy = A.Policy(status: new PolicyStatus { LastFinishedRun = new AccountedRun { Name = "www-1", Phase = RunPhase.Succeeded } });
        Assert.That(BatchRows.Follow(Started, null, policy, false).State, Is.EqualTo(BatchRowState.Succeeded));
        Assert.That(BatchRows.Follow(Started, null, A.Policy(), false), Has.Property("State").EqualTo(BatchRowState.Skipped).And.Property("Reason").EqualTo("RunDeleted"));
        Assert.That(BatchRows.Follow(Started, null, null, false).State, Is.EqualTo(BatchRowState.Skipped));
    }

    [Test]
    public void The_plan_is_summed_up_by_provider_and_by_reason()
    {
        BatchRow[] rows =
        [
            ABatch.Row(BatchRowState.Waiting, "a"), ABatch.Row(BatchRowState.Waiting, "b"),
            ABatch.Row(BatchRowState.Waiting, "c") with { Provider = CertificateProviderKind.LetsEncrypt, CostEstimate = new Money { Amount = "0", Currency = "USD" } },
            ABatch.Row(BatchRowState.Skipped, "d") with { Reason = "Suspended" }, ABatch.Row(BatchRowState.Skipped, "e") with { Reason = "Suspended" },
        ];
        var preview = BatchRows.Preview(rows);
        Assert.That(preview.Policies, Is.EqualTo(3));
        Assert.That(preview.Skipped, Is.EqualTo(new[] { new BatchSkips { Reason = "Suspended", Policies = 2 } }));
        Assert.That(preview.Providers!.Select(p => (p.Provider, p.Policies, p.Cost![0].Amount)), Is.EqualTo(new[] { (CertificateProviderKind.LetsEncrypt, 1, "0"), (CertificateProviderKind.Acme, 2, "3") }));
    }

    [Test]
    public void The_status_shows_the_first_rows_that_need_a_look_and_counts_all()
    {
        var rows = ABatch.Rows([.. Enumerable.Repeat(BatchRowState.Succeeded, 70), BatchRowState.Failed, BatchRowState.Running, .. Enumerable.Repeat(BatchRowState.Waiting, 30)]);
        var status = BatchStatusBuilder.Build(ABatch.Running(), rows, new BatchDecision.Start(1), A.Now);
        Assert.That(status.Rows, Has.Count.EqualTo(BatchStatusBuilder.MaxRows));
        Assert.That(status.Rows!.Take(3).Select(r => r.State), Is.EqualTo(new[] { BatchRowState.Failed, BatchRowState.Running, BatchRowState.Waiting }));
        Assert.That(status.Counts, Is.EqualTo(new BatchCounts { Total = 102, Succeeded = 70, Failed = 1, Running = 1, Waiting = 30 }));
        Assert.That(status.CostEstimate!.Single().Amount, Is.EqualTo("153"));
    }

    [TestCase(BatchReasons.Completed, "True")]
    [TestCase(BatchReasons.SomeFailed, "False")]
    public void The_end_is_a_condition_to_wait_for(string reason, string complete)
    {
        var status = BatchStatusBuilder.Build(ABatch.Running(), [], new BatchDecision.Finish(BatchPhase.Completed, reason, "The end."), A.Now);
        Assert.That(status.Conditions!.ToDictionary(c => c.Type, c => c.Status), Is.EqualTo(new Dictionary<string, string> { ["Ready"] = complete, ["Reconciling"] = "False", ["Stalled"] = "False", ["Complete"] = complete }));
        Assert.That((status.FinishedAt, status.ObservedGeneration), Is.EqualTo(((DateTimeOffset?)A.Now, (long?)1)));
    }

    [Test]
    public void The_longest_row_keeps_a_page_below_what_the_API_server_takes()
    {
        var name = new string('n', 253);
        var row = BatchRows.Plan(
            new CertificateRenewalPolicy { Metadata = new Kubernetes.ObjectMeta { Name = name, Namespace = new string('s', 63) }, Spec = A.Spec with { Hostname = name } },
            new BatchVerdict.Skip("NoProvider", new string('\u4e2d', 9000), new Operator.Costs.ProviderAnswer(null, null, [.. Enum.GetValues<CertificateProviderKind>().Select(p => new PassedOverProvider { Provider = p, Reason = "KeyBackendNotSupported", Message = new string('x', 5000) })])));
        var line = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(row with { Run = name }, CrdsJsonContext.Default.BatchRow);
        Assert.That(line.Length * BatchPages.RowsEach, Is.LessThan(1024 * 1024));
    }

    private static BatchRow Follow(RunStatus? status) => BatchRows.Follow(Started, A.Run(status), A.Policy(), begun: false);
}
