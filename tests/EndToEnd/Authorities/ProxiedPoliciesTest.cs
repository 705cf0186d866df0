using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>
/// For tests with many policies under one operator, each at a CA of its own: what one CA is asked can be counted, and what it answers
/// changed, without the others noticing. A test asks for a Pebble of its own by <see cref="PebbleSettings"/>.
/// </summary>
public abstract class ProxiedPoliciesTest : ClusterTest
{
    private readonly List<ProxiedPolicy> _policies = [];
    private Pebble? _pebble;

    /// <summary>Null for the Pebble that all tests share.</summary>
    protected virtual PebbleOptions? PebbleSettings => null;

    /// <summary>All policies of the test, created or not, in the order they were made.</summary>
    protected IReadOnlyList<ProxiedPolicy> Policies => _policies;

    [TearDown]
    public async Task StopAuthoritiesAsync()
    {
        foreach (ProxiedPolicy policy in _policies)
        {
            await TestContext.Out.WriteLineAsync($"{policy.Name}: {string.Join(", ", policy.Acme.Exchanges.Select(e => $"{e.Kind} {e.Status}"))}");
            await policy.Acme.DisposeAsync();
        }

        if (_pebble is not null)
        {
            await _pebble.DisposeAsync();
        }
    }

    protected override async Task<TestCluster> CreateClusterAsync()
    {
        if (PebbleSettings is { } options)
        {
            _pebble = await Pebble.StartAsync(options);
        }

        return await TestCluster.StartAsync(pebble: _pebble);
    }

    /// <summary>A policy that is not created yet.</summary>
    protected async Task<ProxiedPolicy> PolicyAsync(string name)
    {
        AcmeProxy acme = await AcmeProxy.StartAsync(Cluster.Pebble);
        var policy = new ProxiedPolicy(new PolicyBuilder(Cluster, name), acme);
        _policies.Add(policy.WithAcme(a => a with { Server = acme.DirectoryUrl.AbsoluteUri, CaBundle = acme.CaPem }));
        return policy;
    }

    /// <summary>Creates all policies that <see cref="PolicyAsync"/> has made.</summary>
    protected Task CreateAllAsync() => Task.WhenAll(_policies.Select(p => Cluster.CreateAsync(p.Builder)));

    /// <summary>Waits for the end of a policy's only run.</summary>
    protected async Task<CertificateRenewalRun> WaitForOnlyRunAsync(ProxiedPolicy policy)
    {
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name);
        Assert.That(runs, Has.Count.EqualTo(1), policy.Name);
        return runs[0];
    }

    /// <summary>Waits until a policy's status speaks of a run that failed.</summary>
    protected Task<CertificateRenewalPolicy> WaitUntilFailedAsync(ProxiedPolicy policy) =>
        Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Phase == PolicyPhase.Failed, "to report a failed run");

    /// <summary>That one order led to one certificate, and nothing was asked for twice.</summary>
    protected static void AssertIssuedOnce(ProxiedPolicy policy)
    {
        Assert.That(policy.Acme.Count(AcmeRequestKind.NewAccount, 201), Is.EqualTo(1), $"{policy.Name}: accounts");
        Assert.That(policy.Acme.OrdersPlaced, Is.EqualTo(1), $"{policy.Name}: orders");
        Assert.That(policy.Acme.OrdersFinalized, Is.EqualTo(1), $"{policy.Name}: finalized orders");
        Assert.That(policy.Acme.Count(AcmeRequestKind.Certificate, 200), Is.EqualTo(1), $"{policy.Name}: downloads");
    }
}
