using CertOperator.Crds.Runs;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>A Pebble that is restarted has lost its accounts, its orders, its nonces and its own root.</summary>
public sealed class RestartedAuthorityTests : ProxiedPoliciesTest
{
    protected override PebbleOptions PebbleSettings => new();

    [Test]
    public async Task A_CA_that_forgot_everything_between_runs_gets_the_same_key_registered_again()
    {
        ProxiedPolicy policy = await PolicyAsync("www");
        await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        await Cluster.WaitUntilReadyAsync(policy.Name);

        await Cluster.Pebble.RestartAsync();
        await Cluster.RequestRenewalAsync(policy.Name, "after the restart");
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);

        Assert.That(runs.Select(r => r.Status!.Phase), Is.All.EqualTo(RunPhase.Succeeded), runs[^1].Status!.Message);
        Assert.That(policy.Acme.Count(AcmeRequestKind.NewAccount, 201), Is.EqualTo(2));
        Assert.That(policy.Acme.OrdersPlaced, Is.EqualTo(2));
        Assert.That(policy.Acme.OrdersFinalized, Is.EqualTo(2));
    }

    [TestCase(AcmeRequestKind.NewOrder, 1)]
    [TestCase(AcmeRequestKind.Challenge, 2)]
    [TestCase(AcmeRequestKind.Finalize, 2)]
    [TestCase(AcmeRequestKind.Certificate, 2)]
    public async Task A_CA_that_forgot_everything_during_a_run_gets_a_new_order_of_the_same_run(AcmeRequestKind before, int orders)
    {
        ProxiedPolicy policy = await PolicyAsync("www");
        int restarted = 0;
        policy.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == before && Interlocked.Exchange(ref restarted, 1) == 0)
            {
                await Cluster.Pebble.RestartAsync();
            }

            return null;
        };
        await Cluster.StartOperatorAsync();
        await CreateAllAsync();

        CertificateRenewalRun run = await WaitForOnlyRunAsync(policy);

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That(policy.Acme.OrdersPlaced, Is.EqualTo(orders));
        Assert.That(policy.Acme.Count(AcmeRequestKind.NewAccount, 201), Is.EqualTo(2));
        Assert.That(policy.Acme.Count(AcmeRequestKind.Certificate, 200), Is.EqualTo(1));
        Assert.That(policy.Acme.Exchanges, Has.Count.LessThan(40));
    }
}
