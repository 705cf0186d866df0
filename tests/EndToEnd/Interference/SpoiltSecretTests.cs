using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.Kubernetes;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Interference;

/// <summary>Garbage in the Secrets that the operator keeps for itself.</summary>
public sealed class SpoiltSecretTests : ClusterTest
{
    [Test]
    public async Task A_staged_key_that_is_spoilt_is_replaced_and_the_pair_in_use_is_kept()
    {
        await Cluster.StartHttp01ServiceAsync();
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret old = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        Task killed = KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge).KillAt(Cluster, victim);
        await Cluster.RequestRenewalAsync(policy.Name, "once");
        await Cluster.ReachedAsync(killed);

        Secret state = await StateAsync(policy);
        state.Data = new(state.Data!) { ["staged.key"] = "no key"u8.ToArray() };
        await Cluster.Secrets.UpdateAsync(state, CancellationToken.None);
        await Cluster.StartOperatorAsync();
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);

        Secret now = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        Secret kept = await StateAsync(policy);
        Assert.That(runs.Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded, RunPhase.Succeeded }));
        Assert.That(runs[1].Status!.Log!.Select(l => l.Message), Has.Some.Contains("is no private key and is replaced"));
        Assert.That(() => PairWatcher.PairOf(now).Dispose(), Throws.Nothing);
        Assert.That(now.Data!["tls.crt"], Is.Not.EqualTo(old.Data!["tls.crt"]));
        Assert.That(kept.Data!["previous.crt"], Is.EqualTo(old.Data!["tls.crt"]));
        Assert.That(Encoding.ASCII.GetString(kept.Data!["previous.key"]), Does.StartWith("sealed:v1:"));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(3), "the first, the one whose key was lost, and the one in its place");
    }

    [TestCase("no key at all", "has no key tls.key")]
    [TestCase("garbage", "cannot be used")]
    public async Task An_account_key_that_is_spoilt_is_reported_and_never_overwritten(string what, string message)
    {
        Dictionary<string, byte[]> spoilt = what == "garbage" ? new() { ["tls.key"] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"u8.ToArray() } : new() { ["other"] = [1] };
        await Cluster.Secrets.CreateAsync(new Secret { Metadata = new ObjectMeta { Name = "account", Namespace = Cluster.Namespace }, Data = spoilt }, CancellationToken.None);
        await Cluster.StartOperatorAsync();
        PolicyBuilder policy = new PolicyBuilder(Cluster).WithAcme(a => a with { AccountSecretName = "account" });
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy failed = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Phase == PolicyPhase.Failed, "to report a failed run");
        Secret untouched = await Cluster.Secrets.GetAsync(Cluster.Name("account"), CancellationToken.None);
        Assert.That(failed.Condition("Ready")!.Message, Does.Contain("spec.providerConfig.acme.accountSecretName").And.Contain(message));
        Assert.That(failed.Condition("Reconciling")!.Reason, Is.EqualTo("BackingOff"));
        Assert.That(untouched.Data, Is.EqualTo(spoilt));
        Assert.That(Cluster.Acme.Exchanges, Is.Empty);
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] good = Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem());
        untouched.Data = new() { ["tls.key"] = good };
        await Cluster.Secrets.UpdateAsync(untouched, CancellationToken.None);
        await Cluster.RequestRenewalAsync(policy.Name, "mended");
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That((await Cluster.Secrets.GetAsync(Cluster.Name("account"), CancellationToken.None)).Data!["tls.key"], Is.EqualTo(good));
    }

    private Task<Secret> StateAsync(PolicyBuilder policy) => Cluster.Secrets.GetAsync(Cluster.Name($"certoperator-state-{policy.Name}"), CancellationToken.None);
}
