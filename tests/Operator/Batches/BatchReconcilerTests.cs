using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Batches;

/// <summary>What happens to a batch while it is under way.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BatchReconcilerTests : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(6);
    private static readonly BatchSpec One = new() { Mode = BatchMode.Live, MaxConcurrent = 1 };

    private readonly BatchWorld _world = new();

    [Test]
    public async Task Policies_that_are_deleted_or_made_anew_while_the_operator_is_away_leave_the_others_as_they_were()
    {
        await _world.CreatePoliciesAsync("a", "b", "c", "d");
        await _world.StartAsync();
        await _world.CreateBatchAsync(One with { MaxConcurrent = 2 });
        await _world.LookAsync();
        await _world.EndRunAsync("a");
        await LaterAsync();
        Assert.That(_world.Made, Is.EqualTo(new[] { "a", "b", "c" }));

        // Of a nothing is left but the row, b and its run are gone, c is another policy of that name, and d was to come.
        await _world.DeleteRunsOfAsync("a");
        foreach (var name in new[] { "b", "c" })
        {
            await _world.DeleteRunsOfAsync(name);
            await _world.DeletePolicyAsync(name);
        }

        await _world.CreatePoliciesAsync("c", "later");
        await _world.StartAsync();
        await LaterAsync();
        await _world.EndRunAsync("d");
        var status = await _world.LookAsync();

        Assert.That((status.Phase, status.Counts), Is.EqualTo(((BatchPhase?)BatchPhase.Completed, new BatchCounts { Total = 4, Succeeded = 2, Skipped = 2 })));
        var rows = await _world.RowsAsync();
        Assert.That(rows.Values.Select(r => (r.Policy, r.State, r.Reason)), Is.EquivalentTo(new (string, BatchRowState, string?)[]
        {
            ("a", BatchRowState.Succeeded, null), ("b", BatchRowState.Skipped, "RunDeleted"), ("c", BatchRowState.Skipped, "RunDeleted"), ("d", BatchRowState.Succeeded, null),
        }));
        Assert.That(_world.Made, Is.EqualTo(new[] { "a", "b", "c", "d" }), "the plan is the old one");
    }

    [Test]
    public async Task A_policy_that_is_deleted_before_its_turn_is_skipped()
    {
        await _world.CreatePoliciesAsync("a", "b");
        await _world.StartAsync();
        await _world.CreateBatchAsync(One);
        await LaterAsync();
        await _world.DeletePolicyAsync("b");
        await _world.StartAsync();
        await _world.EndRunAsync("a");
        Assert.That((await _world.LookAsync()).Counts, Is.EqualTo(new BatchCounts { Total = 2, Succeeded = 1, Skipped = 1 }));
        Assert.That((await _world.RowsAsync())["b"].Reason, Is.EqualTo("PolicyNotFound"));
    }

    [Test]
    public async Task A_batch_that_is_edited_while_the_operator_is_away_holds_to_its_plan_and_goes_on_when_it_is_changed_back()
    {
        await _world.CreatePoliciesAsync("a", "b");
        await _world.CreatePolicyAsync("bank", "elsewhere");
        await _world.Cluster.Resource(CrdResources.Settings).CreateAsync(
            new CertificateRenewalSettings { Metadata = new ObjectMeta { Name = "default", Namespace = "bank" }, Spec = new SettingsSpec { Batches = new BatchSettings { AcceptFrom = ["shop"] } } },
            CancellationToken.None);
        await _world.StartAsync();
        await _world.CreateBatchAsync(One);
        await LaterAsync();
        await _world.EndRunAsync("a");

        await _world.ChangeBatchAsync(s => s with { Namespaces = ["bank"] });
        await _world.StartAsync();
        var status = await LaterAsync();
        Assert.That((status.Reason, status.Counts!.Total, status.Counts.Waiting), Is.EqualTo(("SpecChanged", 2, 1)));
        Assert.That(_world.Made, Is.EqualTo(new[] { "a" }));

        await _world.ChangeBatchAsync(s => s with { Namespaces = null });
        await _world.LookAsync();
        await _world.EndRunAsync("b");
        Assert.That((await _world.LookAsync()).Counts, Is.EqualTo(new BatchCounts { Total = 2, Succeeded = 2 }));
        Assert.That(_world.Made, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task An_edited_batch_whose_pages_are_lost_is_not_planned_by_what_it_says_now_and_can_be_cancelled()
    {
        await _world.CreatePoliciesAsync("a", "b");
        await _world.StartAsync();
        await _world.CreateBatchAsync(One);
        await LaterAsync();
        await _world.BeginRunAsync("a");
        await _world.ChangeBatchAsync(s => s with { DaysUntilExpiry = 3650 });
        await _world.Cluster.Resource(CoreResources.ConfigMaps).DeleteAsync(new NamespacedName("shop", "certoperator-batch-spring-0"), null, CancellationToken.None);
        await _world.StartAsync();
        Assert.That(await _world.LookAsync(), Has.Property("Reason").EqualTo("SpecChanged"));

        await _world.ChangeBatchAsync(s => s with { Cancel = true });
        await _world.LookAsync();
        await _world.EndRunAsync("a");
        Assert.That(await _world.LookAsync(), Has.Property("Phase").EqualTo(BatchPhase.Cancelled).And.Property("Counts").Property("Succeeded").EqualTo(1));
        Assert.That(_world.Made, Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task A_clock_that_is_set_back_neither_stops_a_paced_batch_nor_makes_it_faster()
    {
        await _world.CreatePoliciesAsync("a", "b", "c");
        await _world.StartAsync();
        await _world.CreateBatchAsync(One with { MaxConcurrent = 3, MaxPerHour = 60 });
        await _world.LookAsync();
        Assert.That(_world.Made, Is.EqualTo(new[] { "a" }));

        _world.Now -= TimeSpan.FromHours(5);
        await _world.LookAsync();
        _world.Now += TimeSpan.FromSeconds(59);
        await _world.LookAsync();
        Assert.That(_world.Made, Has.Count.EqualTo(1), "not before a minute has passed");
        _world.Now += TimeSpan.FromSeconds(1);
        await _world.LookAsync();
        Assert.That(_world.Made, Is.EqualTo(new[] { "a", "b" }));

        _world.Now += Moment;
        await _world.EndRunAsync("a");
        Assert.That((await _world.LookAsync()).Counts!.Succeeded, Is.EqualTo(1), "the status does not wait either");
        _world.Now += TimeSpan.FromSeconds(54);
        await _world.LookAsync();
        Assert.That(_world.Made, Is.EqualTo(new[] { "a", "b", "c" }), "a row from before does not move the pace");
    }

    [Test]
    public async Task What_was_postponed_does_not_wait_for_a_time_that_the_clock_was_set_back_from()
    {
        await _world.CreatePoliciesAsync("a");
        await _world.StartAsync();
        await _world.CreateBatchAsync(One, "first");
        await _world.LookAsync("first");
        await _world.CreateBatchAsync(One);
        Assert.That((await _world.LookAsync()).Rows!.Single().Reason, Is.EqualTo("RunInProgress"));

        _world.Now -= TimeSpan.FromHours(5);
        await _world.EndRunAsync("a", RunPhase.Failed);
        await _world.LookAsync();
        Assert.That(_world.Made, Is.EqualTo(new[] { "a", "a" }));
    }

    [Test]
    public async Task Of_two_batches_that_select_the_same_policies_the_second_finds_them_renewed()
    {
        await _world.CreatePoliciesAsync("a", "b");
        await _world.StartAsync();
        await _world.CreateBatchAsync(One with { MaxConcurrent = 2 }, "first");
        await _world.CreateBatchAsync(One with { MaxConcurrent = 2 });
        await _world.LookAsync("first");
        Assert.That((await _world.LookAsync()).Rows!.Select(r => r.Reason), Is.All.EqualTo("RunInProgress"));
        _world.Now += Moment;
        await _world.EndRunAsync("a");
        await _world.EndRunAsync("b");

        Assert.That(await _world.LookAsync("first"), Has.Property("Counts").EqualTo(new BatchCounts { Total = 2, Succeeded = 2 }));
        await _world.LookAsync();
        Assert.That(await _world.LookAsync(), Has.Property("Counts").EqualTo(new BatchCounts { Total = 2, Skipped = 2 }).And.Property("Phase").EqualTo(BatchPhase.Completed));
        Assert.That((await _world.RowsAsync()).Values.Select(r => r.Reason), Is.All.EqualTo("RenewedMeanwhile"));
        Assert.That(_world.Made, Is.EqualTo(new[] { "a", "b" }));
    }

    [TestCase(BatchMode.Live, BatchPhase.Completed)]
    [TestCase(BatchMode.DryRun, BatchPhase.Previewed)]
    public async Task A_batch_that_selects_nothing_ends_and_says_so(BatchMode mode, BatchPhase phase)
    {
        await _world.CreatePoliciesAsync("a");
        await _world.StartAsync();
        await _world.CreateBatchAsync(One with { Mode = mode, Selector = new BatchSelector { MatchLabels = new Dictionary<string, string> { ["team"] = "nobody" } } });
        var status = await _world.LookAsync();
        Assert.That((status.Phase, status.Counts, status.Message), Is.EqualTo(((BatchPhase?)phase, new BatchCounts(), "No policy fits: spec.selector, namespaces and daysUntilExpiry leave none.")));
        Assert.That(_world.Made, Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_batch_that_is_deleted_takes_back_what_has_not_begun_also_when_another_one_has_its_name(bool again)
    {
        await _world.CreatePoliciesAsync("a");
        await _world.StartAsync();
        await _world.CreateBatchAsync(One);
        await LaterAsync();

        // A new process does not know that the run has begun, and nothing in its status says so.
        await _world.StartAsync();
        Assert.That((await _world.LookAsync()).Counts!.Queued, Is.EqualTo(1));
        await _world.DeleteBatchAsync();
        if (again)
        {
            await _world.CreateBatchAsync(One);
        }

        await _world.ReconcileAsync();
        Assert.That(_world.Cluster.Requests.Count(r => r.StartsWith("delete certificaterenewalruns", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    public void Dispose() => _world.Dispose();

    /// <summary>After that rows and status are stored as they are.</summary>
    private async Task<BatchStatus> LaterAsync()
    {
        await _world.LookAsync();
        _world.Now += Moment;
        return await _world.LookAsync();
    }
}
