using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Deployments;

/// <summary>Workloads are restarted for a new pair, once, and a run says how that went.</summary>
public sealed class RestartTests : ClusterTest
{
    private static readonly OperatorSettings OftenChecked = new() { Flags = ["--secret-check-interval", "10s"] };

    [Test]
    public async Task Workloads_of_each_kind_are_restarted_in_order_once_per_pair_and_not_for_a_restored_one()
    {
        Workload[] workloads =
        [
            await Workload.CreateAsync(Cluster, "web"),
            await Workload.CreateAsync(Cluster, "db", WorkloadKind.StatefulSet),
            await Workload.CreateAsync(Cluster, "agent", WorkloadKind.DaemonSet),
        ];
        var policy = new PolicyBuilder(Cluster).With(s => s with { Deploy = new DeploySpec { Restarts = [.. workloads.Select(w => w.Restart)] } });
        await Cluster.StartOperatorAsync(OftenChecked);
        await Cluster.CreateAsync(policy);

        string first = await workloads[0].WaitForRestartAsync(policy.Name);
        Assert.That(await workloads[1].MarkAsync(policy.Name), Is.Null, "its turn comes when the first is rolled out");
        await FinishAllAsync(workloads, policy.Name, after: null);
        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(first, Is.EqualTo(ready.Status!.Fingerprint));

        await Cluster.Secrets.DeleteAsync(Cluster.Name(policy.SecretName), null, CancellationToken.None);
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && p.Status!.LastFinishedRun?.Restored == true, "to tell of the restoration");
        Assert.That(workloads.Select(w => w.Patches), Has.All.EqualTo(1), "after the restoration");

        await Cluster.RequestRenewalAsync(policy.Name, "again");
        await FinishAllAsync(workloads, policy.Name, after: first);
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 3);

        Assert.That(runs.Select(r => r.Status!.Phase), Has.All.EqualTo(RunPhase.Succeeded));
        Assert.That(runs.Select(r => StepOf(r).State), Is.EqualTo(new[] { StepState.Done, StepState.Skipped, StepState.Done }));
        Assert.That(StepOf(runs[2]).Message, Does.Contain("Deployment web has 2 new pods.").And.Contain("StatefulSet db").And.Contain("DaemonSet agent"));
        Assert.That(workloads.Select(w => w.Patches), Has.All.EqualTo(2));
        Assert.That(await workloads[0].MarkAsync(policy.Name), Is.EqualTo(runs[2].Status!.Certificate!.Fingerprint));
    }

    [Test]
    public async Task An_operator_that_was_killed_while_it_waited_restarts_nothing_again_and_counts_the_time_from_before()
    {
        Workload web = await Workload.CreateAsync(Cluster, "web");
        var policy = new PolicyBuilder(Cluster).With(s => s with { Deploy = new DeploySpec { Restarts = [web.Restart] } });
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        IReadOnlyList<CertificateRenewalRun> waiting = await Eventually.GetAsync(
            _ => Cluster.RunsOfAsync(policy.Name),
            r => r is [{ Status.Deploy.Restarts: [{ StartedAt: not null }] }],
            Deadlines.Run,
            "a run that waits for the rollout");

        await victim.KillAsync();
        await Cluster.StartOperatorAsync();
        await web.FinishRolloutAsync();
        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name)).Single();

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(run.Status.Deploy!.Restarts!.Single().StartedAt, Is.EqualTo(waiting[0].Status!.Deploy!.Restarts!.Single().StartedAt));
        Assert.That(web.Patches, Is.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    [Test]
    public async Task What_does_not_roll_out_needs_a_person_and_the_Secret_stays()
    {
        await CreateAsync("late", await Workload.CreateAsync(Cluster, "late"));
        await CreateAsync("slow", await Workload.CreateAsync(Cluster, "slow"), timeout: 1);
        await CreateAsync("paused", await Workload.CreateAsync(Cluster, "paused", change: s => s["paused"] = true));
        await CreateAsync("byhand", await Workload.CreateAsync(Cluster, "byhand", WorkloadKind.DaemonSet, s => s["updateStrategy"] = new JsonObject { ["type"] = "OnDelete" }));
        await CreateAsync("missing", new Workload(Cluster, WorkloadKind.StatefulSet, "missing"));
        await CreateAsync("forbidden", await Workload.CreateAsync(Cluster, "forbidden"));
        Cluster.Api.Hooks.Before = request => Task.FromResult(request is { Verb: "patch", Resource: "deployments", Name: "forbidden" } ? Forbidden() : null);
        await Cluster.StartOperatorAsync();
        var late = new Workload(Cluster, WorkloadKind.Deployment, "late");
        var byHand = new Workload(Cluster, WorkloadKind.DaemonSet, "byhand");

        await late.WaitForRestartAsync("late");
        await late.SetStatusAsync(new JsonObject { ["replicas"] = 3, ["updatedReplicas"] = 1, ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Progressing", ["status"] = "False", ["reason"] = "ProgressDeadlineExceeded", ["message"] = "It has timed out progressing." }) });
        await byHand.WaitForRestartAsync("byhand");
        await byHand.SetStatusAsync(new JsonObject { ["desiredNumberScheduled"] = 2, ["currentNumberScheduled"] = 2, ["numberMisscheduled"] = 0, ["numberReady"] = 2 });

        using (Assert.EnterMultipleScope())
        {
            await AssertNeedsManualAsync("late", "RolloutFailed", "Deployment late exceeded its progress deadline");
            await AssertNeedsManualAsync("slow", "RolloutTimedOut", "Deployment slow waits for its controller to see the change, 1 s after its restart.");
            await AssertNeedsManualAsync("paused", "WorkloadPaused", "rollout resume deployment/paused");
            await AssertNeedsManualAsync("byhand", "NothingRestartsByItself", "Delete them.");
            await AssertNeedsManualAsync("missing", "WorkloadNotFound", "StatefulSet missing does not exist");
            await AssertNeedsManualAsync("forbidden", "WorkloadForbidden", "may not patch deployments.apps");
            Assert.That(await new Workload(Cluster, WorkloadKind.Deployment, "paused").MarkAsync("paused"), Is.Null);
        }
    }

    private static RunStep StepOf(CertificateRenewalRun run) => run.Status!.Steps!.Single(s => s.Name == StepName.Deploy);

    private static ProxiedAnswer Forbidden() => ProxiedAnswer.Of(
        403,
        "application/json",
        """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"deployments.apps \"forbidden\" is forbidden","code":403}""");

    private static async Task FinishAllAsync(IEnumerable<Workload> workloads, string policy, string? after)
    {
        foreach (Workload workload in workloads)
        {
            await workload.WaitForRestartAsync(policy, after);
            await workload.FinishRolloutAsync();
        }
    }

    private Task CreateAsync(string name, Workload workload, int timeout = 120) =>
        Cluster.CreateAsync(new PolicyBuilder(Cluster, name).With(s => s with { Deploy = new DeploySpec { Restarts = [workload.Restart with { TimeoutSeconds = timeout }] } }));

    private async Task AssertNeedsManualAsync(string name, string reason, string message)
    {
        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(name))[0];
        Assert.That((run.Status!.Phase, run.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, reason)), name);
        Assert.That(run.Status.Message, Does.Contain(message), name);
        CertificateRenewalPolicy policy = await Cluster.WaitForPolicyAsync(name, p => p.Status?.Phase == PolicyPhase.NeedsManual, "to need a person");
        Assert.That(policy.Is("Ready"), name);
        Assert.That(policy.Status!.Fingerprint, Is.EqualTo(run.Status.Certificate!.Fingerprint), name);
        Assert.That(await Cluster.RunsOfAsync(name), Has.Count.EqualTo(1), name);
    }
}
