using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Survival;

/// <summary>A Secret that somebody deletes or overwrites comes back.</summary>
public sealed class SecretTests : ClusterTest
{
    // The shortest that the operator takes.
    private static readonly OperatorSettings OftenChecked = new() { Flags = ["--secret-check-interval", "10s"] };

    [TestCase("deleted")]
    [TestCase("filled with garbage")]
    [TestCase("given another pair")]
    [TestCase("given another key")]
    public async Task A_good_certificate_returns_without_a_new_order(string what)
    {
        await Cluster.StartOperatorAsync(OftenChecked);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret good = await ReadAsync(policy);

        await SpoilAsync(good, what, policy.Hostname);
        Secret restored = await Eventually.GetAsync(_ => ReadAsync(policy), s => Same(s, good), Deadlines.Run, "the Secret to come back");
        CertificateRenewalPolicy ready = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && p.Status!.LastFinishedRun?.Restored == true, "to tell of the restoration");

        Assert.That(restored.Type, Is.EqualTo("kubernetes.io/tls"));
        Assert.That((await Cluster.RunsOfAsync(policy.Name)).Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded, RunPhase.Succeeded }));
        Assert.That(ready.Status!.RecentIssuances, Has.Count.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
    }

    private async Task SpoilAsync(Secret good, string what, string hostname)
    {
        if (what == "deleted")
        {
            await Cluster.Secrets.DeleteAsync(NamespacedName.Of(good), null, CancellationToken.None);
            return;
        }

        using TestAuthority authority = TestAuthority.CreateRoot(TimeProvider.System);
        using IssuedLeaf other = authority.Issue(new LeafRequest(hostname));
        Secret spoilt = await Cluster.Secrets.GetAsync(NamespacedName.Of(good), CancellationToken.None);
        spoilt.Data = what switch
        {
            "filled with garbage" => new() { ["tls.crt"] = "no certificate"u8.ToArray(), ["tls.key"] = "no key"u8.ToArray() },
            "given another pair" => new() { ["tls.crt"] = Encoding.ASCII.GetBytes(other.ChainPem), ["tls.key"] = Encoding.ASCII.GetBytes(other.KeyPem) },
            _ => new(spoilt.Data!) { ["tls.key"] = Encoding.ASCII.GetBytes(other.KeyPem) },
        };
        await Cluster.Secrets.UpdateAsync(spoilt, CancellationToken.None);
    }

    private Task<Secret> ReadAsync(PolicyBuilder policy) => Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);

    private static bool Same(Secret a, Secret b) =>
        a.Data!["tls.crt"].AsSpan().SequenceEqual(b.Data!["tls.crt"]) && a.Data!["tls.key"].AsSpan().SequenceEqual(b.Data!["tls.key"]);
}
