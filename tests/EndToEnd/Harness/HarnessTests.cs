using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Harness;

public sealed class HarnessTests : ClusterTest
{
    [Test]
    public async Task A_policy_becomes_ready_and_the_proxies_have_seen_how()
    {
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.RunsOfAsync(policy.Name);
        (int exitCode, _) = await op.TerminateAsync();

        Assert.That(ready.Status!.Serial, Is.Not.Empty);
        Assert.That(runs.Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded }));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
        Assert.That(Cluster.Acme.Count(AcmeRequestKind.Certificate, 200), Is.EqualTo(1));
        Assert.That(Cluster.Api.Exchanges.Count(e => e is { Verb: "patch", Resource: "secrets", Status: 201 }), Is.EqualTo(1));
        Assert.That(Cluster.Acme.Count(AcmeRequestKind.Other), Is.Zero);
        Assert.That(exitCode, Is.Zero);
    }
}
