using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Survival;

/// <summary>A CA that was restarted and knows no account and no order any more.</summary>
public sealed class ForgetfulAuthorityTests : ClusterTest
{
    private Pebble? _pebble;

    [TearDown]
    public async Task StopPebbleAsync()
    {
        if (_pebble is not null)
        {
            await _pebble.DisposeAsync();
        }
    }

    [Test]
    public async Task A_deleted_Secret_is_issued_again()
    {
        await Cluster.StartOperatorAsync(new OperatorSettings { Flags = ["--secret-check-interval", "10s"] });
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret old = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);

        await Cluster.Pebble.RestartAsync();
        await Cluster.Secrets.DeleteAsync(Cluster.Name(policy.SecretName), null, CancellationToken.None);
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        Secret now = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);

        Assert.That(runs.Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded, RunPhase.Succeeded }));
        Assert.That(now.Data!["tls.crt"], Is.Not.EqualTo(old.Data!["tls.crt"]));
        Assert.That(() => PairWatcher.PairOf(now).Dispose(), Throws.Nothing);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2));
    }

    protected override async Task<TestCluster> CreateClusterAsync() =>
        await TestCluster.StartAsync(pebble: _pebble = await Pebble.StartAsync());
}
