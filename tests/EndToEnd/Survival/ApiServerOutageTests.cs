using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Survival;

/// <summary>The API server goes away and comes back, on a control plane that no other test uses; the operator runs on.</summary>
public sealed class ApiServerOutageTests : OwnControlPlaneTest
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(30);

    [Test]
    public async Task A_run_goes_on_when_the_API_server_is_back_after_half_a_minute()
    {
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task held = KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge).HoldAt(Cluster, release.Task);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(held);

        await Cluster.ControlPlane.StopApiServerAsync();
        // The run goes on at the CA and meets the outage where it next needs the cluster.
        release.SetResult();
        await Task.Delay(Outage, TimeProvider.System);
        await Cluster.ControlPlane.StartApiServerAsync();
        await Cluster.WaitUntilReadyAsync(policy.Name, TimeSpan.FromMinutes(3));

        Assert.That(op.HasExited, Is.False);
        Assert.That((await Cluster.RunsOfAsync(policy.Name)).Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded }));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
    }

    [Test]
    public async Task Changes_are_noticed_that_were_made_and_compacted_while_no_watch_was_there()
    {
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        var gone = new PolicyBuilder(Cluster, "gone");
        await Cluster.CreateAsync(gone);
        await Cluster.WaitUntilReadyAsync(gone.Name);

        Cluster.Api.BlockWatches();
        var born = new PolicyBuilder(Cluster, "born");
        await Cluster.CreateAsync(born);
        await Cluster.Policies.DeleteAsync(Cluster.Name(gone.Name), null, CancellationToken.None);
        await Cluster.ControlPlane.CompactEtcdAsync();
        // The history that the API server itself remembers goes only with the process.
        await Cluster.ControlPlane.KillApiServerAsync();
        await Cluster.ControlPlane.StartApiServerAsync();
        Cluster.Api.AllowWatches();

        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(born.Name, TimeSpan.FromMinutes(3));
        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(gone.Name), runs => runs.Count == 0, Deadlines.Run, "the runs of the deleted policy to go");
        Assert.That(ready.Status!.Serial, Is.Not.Empty);
        Assert.That(op.HasExited, Is.False);
    }
}
