using System.Net;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Survival;

/// <summary>Several replicas, of which one leads.</summary>
public sealed class ReplicaTests : ClusterTest
{
    private static readonly OperatorSettings Elected = new() { LeaderElect = true };
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(20);

    [Test]
    public async Task When_the_leader_is_killed_in_the_middle_of_a_run_the_other_takes_over_and_finishes_it()
    {
        await Cluster.StartHttp01ServiceAsync();
        OperatorUnderTest first = await Cluster.StartOperatorAsync(Elected);
        Lease before = await WaitForLeaseAsync(l => l.Spec?.HolderIdentity is { Length: > 0 });
        OperatorUnderTest second = await Cluster.StartOperatorAsync(Elected);
        Assert.That(await LeadsAsync(first), Is.True);
        Assert.That(await LeadsAsync(second), Is.False);
        Task killed = KillPoint.Before("the order is finalized", AcmeRequestKind.Finalize).KillAt(Cluster, first);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(killed);

        Lease after = await WaitForLeaseAsync(l => l.Spec?.HolderIdentity is { Length: > 0 } holder && holder != before.Spec!.HolderIdentity);
        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name)).Single();

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(run.Status!.StartedAt, Is.LessThan(after.Spec!.AcquireTime!.Value), "begun by the first");
        Assert.That(run.Status!.FinishedAt, Is.GreaterThan(after.Spec!.AcquireTime!.Value.AddSeconds(-1)), "finished by the second");
        Assert.That(after.Spec!.AcquireTime - before.Spec!.RenewTime, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(await LeadsAsync(second), Is.True);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
    }

    [Test]
    public async Task Every_replica_answers_a_challenge_while_it_is_pending_and_none_afterwards()
    {
        await Cluster.StartHttp01ServiceAsync();
        OperatorUnderTest first = await Cluster.StartOperatorAsync(Elected);
        await WaitForLeaseAsync(l => l.Spec?.HolderIdentity is { Length: > 0 });
        OperatorUnderTest second = await Cluster.StartOperatorAsync(Elected);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task held = KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge).HoldAt(Cluster, release.Task);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(held);
        RunChallenge challenge = (await Cluster.RunsOfAsync(policy.Name)).Single().Status!.Order!.Challenges!.Single();

        foreach (OperatorUnderTest replica in new[] { first, second })
        {
            using HttpResponseMessage answer = await replica.AskForTokenAsync(challenge.Token);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), replica.Name);
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(challenge.KeyAuthorization), replica.Name);
        }

        release.SetResult();
        await Cluster.WaitUntilReadyAsync(policy.Name);
        foreach (OperatorUnderTest replica in new[] { first, second })
        {
            await Eventually.GetAsync(_ => StatusOfAsync(replica, challenge.Token), s => s == HttpStatusCode.NotFound, Deadlines.Api, $"{replica.Name} to forget the challenge");
        }
    }

    [Test]
    public async Task A_leader_that_is_asked_to_end_gives_the_lease_back_also_when_the_CA_hangs()
    {
        OperatorUnderTest op = await Cluster.StartOperatorAsync(Elected);
        var hang = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind != AcmeRequestKind.NewOrder)
            {
                return null;
            }

            hanging.TrySetResult();
            await hang.Task;
            return ProxiedAnswer.Dropped;
        };
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(hanging.Task);

        (int exitCode, TimeSpan took) = await op.TerminateAsync();

        Lease lease = await Cluster.Leases.GetAsync(Cluster.Name("certoperator"), CancellationToken.None);
        Assert.That(exitCode, Is.Zero);
        Assert.That(took, Is.LessThan(ShutdownLimit));
        Assert.That(lease.Spec!.HolderIdentity, Is.Null.Or.Empty);

        hang.SetResult();
        Cluster.Acme.Hooks.Clear();
        await Cluster.StartOperatorAsync(Elected);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    private Task<Lease> WaitForLeaseAsync(Func<Lease, bool> fits) =>
        Eventually.GetAsync(ct => Cluster.Leases.GetAsync(Cluster.Name("certoperator"), ct), fits, Deadlines.Run, "the Lease");

    private static async Task<bool> LeadsAsync(OperatorUnderTest replica) =>
        (await replica.MetricsAsync()).Split('\n').Contains("certoperator_leader 1");

    private static async Task<HttpStatusCode> StatusOfAsync(OperatorUnderTest replica, string token)
    {
        using HttpResponseMessage answer = await replica.AskForTokenAsync(token);
        return answer.StatusCode;
    }
}
