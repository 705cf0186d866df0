using System.Diagnostics;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Batches;

/// <summary>Batches that renew, as the CA sees them.</summary>
public sealed class BatchRenewalTests : BatchTest
{
    [Test]
    public async Task Sixty_policies_are_renewed_no_more_at_once_and_no_faster_than_wanted()
    {
        const int Policies = 60;
        const int MaxConcurrent = 4;
        const int PerHour = 36_000;
        await Cluster.StartOperatorAsync();
        await CreateSettingsAsync(new SettingsSpec { Costs = [new ProviderCost { Provider = CertificateProviderKind.Acme, PerIssuance = "0.5" }] });
        await CreateReadyPoliciesAsync(Policies);
        int before = Cluster.Acme.OrdersPlaced;
        (int open, int most, List<TimeSpan> orders) = (0, 0, []);
        var clock = Stopwatch.StartNew();
        Cluster.Acme.Hooks.Before = request =>
        {
            if (request.Kind == AcmeRequestKind.NewOrder)
            {
                lock (orders)
                {
                    orders.Add(clock.Elapsed);
                    most = Math.Max(most, ++open);
                }
            }

            return Task.FromResult<ProxiedAnswer?>(null);
        };
        Cluster.Acme.Hooks.After = (request, answer) =>
        {
            lock (orders)
            {
                open -= request.Kind == AcmeRequestKind.Certificate ? 1 : 0;
            }

            return Task.FromResult(answer);
        };

        clock.Restart();
        await CreateBatchAsync(new BatchSpec { Mode = BatchMode.Live, MaxConcurrent = MaxConcurrent, MaxPerHour = PerHour });
        CertificateRenewalBatch batch = await WaitForPhaseAsync(BatchPhase.Completed);

        Assert.That(batch.Status!.Counts, Is.EqualTo(new BatchCounts { Total = Policies, Succeeded = Policies }));
        Assert.That(Cluster.Acme.OrdersPlaced - before, Is.EqualTo(Policies), "one order each");
        Assert.That(most, Is.InRange(2, MaxConcurrent), "at once, at the CA");
        TimeSpan apart = TimeSpan.FromHours(1) / PerHour;
        Assert.That(orders.Where((at, i) => at < i * apart), Is.Empty, "orders that came too early");
        Assert.That((batch.Status.CostEstimate!.Single().Amount, batch.Status.Cost!.Single().Amount), Is.EqualTo(("30", "30")));
        Assert.That(batch.Status.Conditions!.Single(c => c.Type == "Complete").Status, Is.EqualTo("True"));

        IReadOnlyList<CertificateRenewalRun> runs = await BatchRunsAsync();
        Assert.That(runs.Select(r => r.Spec.PolicyRef.Name).ToList(), Is.Unique.And.Count.EqualTo(Policies));
        Assert.That(runs.Select(r => (r.Spec.Trigger, r.Status!.Cost!.Amount)), Is.All.EqualTo(((RunTrigger?)RunTrigger.Batch, "0.5")));
        IReadOnlyList<BatchRow> rows = await RowsAsync(batch);
        Assert.That(rows.Select(r => r.State).ToList(), Has.Count.EqualTo(Policies).And.All.EqualTo(BatchRowState.Succeeded));

        // The policies' own accounts are right: two certificates each, and nothing more to do.
        CertificateRenewalPolicy policy = await Cluster.WaitForPolicyAsync("p00", p => p.Status!.RecentIssuances is { Count: 2 }, "to count both certificates");
        Assert.That(policy.Status!.LastRun, Is.EqualTo(runs.Single(r => r.Spec.PolicyRef.Name == "p00").Metadata.Name));
        await WaitForEventAsync("Completed");
        Assert.That(await Cluster.Operators[0].MetricsAsync(), Does.Contain("certoperator_batches{phase=\"Completed\"} 1"));
    }

    [Test]
    public async Task An_operator_that_is_killed_in_the_middle_goes_on_and_runs_no_policy_twice()
    {
        const int Policies = 24;
        await Cluster.StartHttp01ServiceAsync();
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        await CreateReadyPoliciesAsync(Policies);
        int before = Cluster.Acme.OrdersPlaced;
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int placed = 0;
        Cluster.Acme.Hooks.After = async (request, answer) =>
        {
            if (request.Kind == AcmeRequestKind.NewOrder && Interlocked.Increment(ref placed) == 8)
            {
                await victim.KillAsync();
                killed.SetResult();
                return ProxiedAnswer.Dropped;
            }

            return answer;
        };

        await CreateBatchAsync(new BatchSpec { Mode = BatchMode.Live, MaxConcurrent = 5 });
        await killed.Task.WaitAsync(Deadline);
        await Cluster.StartOperatorAsync();
        CertificateRenewalBatch batch = await WaitForPhaseAsync(BatchPhase.Completed);

        Assert.That(batch.Status!.Counts, Is.EqualTo(new BatchCounts { Total = Policies, Succeeded = Policies }));
        Assert.That((await BatchRunsAsync()).Select(r => r.Spec.PolicyRef.Name).ToList(), Is.Unique.And.Count.EqualTo(Policies));
        Assert.That(Cluster.Acme.OrdersPlaced - before, Is.EqualTo(Policies));
        for (int i = 0; i < Policies; i++)
        {
            Assert.That(await Cluster.RunsOfAsync($"p{i:00}"), Has.Count.EqualTo(2), $"the first run of p{i:00} and that of the batch");
        }
    }

    [Test]
    public async Task A_pause_and_a_cancellation_take_effect_within_seconds_and_let_runs_in_progress_finish()
    {
        TimeSpan soon = TimeSpan.FromSeconds(5);
        await Cluster.StartOperatorAsync();
        await CreateReadyPoliciesAsync(12);
        int before = Cluster.Acme.OrdersPlaced;
        (var release, var reached) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new SemaphoreSlim(0));
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.Finalize)
            {
                Task gate = release.Task;
                reached.Release();
                await gate;
            }

            return null;
        };

        await CreateBatchAsync(new BatchSpec { Mode = BatchMode.Live, MaxConcurrent = 3 });
        for (int i = 0; i < 3; i++)
        {
            Assert.That(await reached.WaitAsync(Deadline), Is.True, "three runs in progress");
        }

        await ChangeBatchAsync(s => s with { Pause = true });
        await WaitForPhaseAsync(BatchPhase.Paused, soon);
        TaskCompletionSource first = release;
        release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        first.SetResult();
        CertificateRenewalBatch paused = await WaitForBatchAsync(s => s.Counts is { Succeeded: 3, Running: 0, Queued: 0 }, "to finish what had begun");
        Assert.That((paused.Status!.Phase, paused.Status.Counts!.Waiting, Cluster.Acme.OrdersPlaced - before), Is.EqualTo(((BatchPhase?)BatchPhase.Paused, 9, 3)));

        await ChangeBatchAsync(s => s with { Pause = false });
        for (int i = 0; i < 3; i++)
        {
            Assert.That(await reached.WaitAsync(Deadline), Is.True, "three more");
        }

        await ChangeBatchAsync(s => s with { Cancel = true });
        await WaitForPhaseAsync(BatchPhase.Cancelling, soon);
        release.SetResult();
        CertificateRenewalBatch cancelled = await WaitForPhaseAsync(BatchPhase.Cancelled);
        Assert.That(cancelled.Status!.Counts, Is.EqualTo(new BatchCounts { Total = 12, Succeeded = 6, Withdrawn = 6 }));
        Assert.That(Cluster.Acme.OrdersPlaced - before, Is.EqualTo(6));
        Assert.That(await BatchRunsAsync(), Has.Count.EqualTo(6));
        await WaitForEventAsync("Cancelled");
        Assert.That(await EventReasonsAsync(), Is.SupersetOf(new[] { "Started", "Paused", "Resumed", "Cancelled" }));
    }

    [Test]
    public async Task Too_many_failures_stop_a_batch_and_the_rows_say_what_failed()
    {
        await Cluster.StartOperatorAsync();
        await CreateReadyPoliciesAsync(6);
        Cluster.Acme.Hooks.Before = request => Task.FromResult(request.Kind == AcmeRequestKind.NewOrder ? ProxiedAnswer.Problem(403, "rejectedIdentifier", "Not here.") : null);

        await CreateBatchAsync(new BatchSpec { Mode = BatchMode.Live, MaxConcurrent = 1, StopAfterFailures = 2 });
        CertificateRenewalBatch batch = await WaitForPhaseAsync(BatchPhase.Stopped);

        Assert.That(batch.Status!.Counts, Has.Property("Withdrawn").EqualTo(4));
        Assert.That(batch.Status.Counts!.Failed + batch.Status.Counts.NeedsManual, Is.EqualTo(2));
        Assert.That(batch.Status.Rows!.Take(2).Select(r => r.Message), Is.All.Contains("Not here."));
        Assert.That(batch.Status.Cost, Is.Null, "nothing was issued");
        await WaitForEventAsync("TooManyFailures");
    }
}
