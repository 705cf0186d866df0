using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Life;

/// <summary>A person provides the pair that a run could not obtain.</summary>
public sealed class ResolveTests : ClusterTest
{
    private readonly TestAuthority _authority = TestAuthority.CreateRoot(TimeProvider.System);

    [TearDown]
    public void DisposeAuthority() => _authority.Dispose();

    [TestCase(false, TestName = "A_pair_for_the_very_names_is_taken_over")]
    [TestCase(true, TestName = "A_wildcard_with_an_RSA_key_is_taken_over_and_not_renewed_at_once")]
    public async Task A_provided_pair_is_taken_over(bool wildcard)
    {
        PolicyBuilder policy = await FailedPolicyAsync();
        CertificateRenewalRun failed = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        using var rsa = RSA.Create(2048);
        using IssuedLeaf leaf = _authority.Issue(wildcard ? new LeafRequest("*" + policy.Hostname[policy.Hostname.IndexOf('.', StringComparison.Ordinal)..], "other.example.net") { Key = rsa } : new LeafRequest(policy.Hostname));
        await ProvideAsync("uploaded", leaf.ChainPem, leaf.KeyPem);

        await Cluster.AnnotateRunAsync(failed, WellKnown.ResolveWithSecret, "uploaded", "bob@example.com");
        CertificateRenewalRun run = await WaitForAsync(failed, r => r.Status?.Phase == RunPhase.Succeeded, "to succeed");
        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);

        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        Assert.That(Encoding.ASCII.GetString(secret.Data!["tls.crt"]), Does.StartWith(leaf.Pem));
        Assert.That(secret.Metadata.Annotations![WellKnown.SecretTakenOverFrom], Is.EqualTo("uploaded"));
        Assert.That(run.Status!.Resolution!.RequestedBy, Is.EqualTo("bob@example.com"));
        Assert.That(run.Status.Steps!.Select(s => s.State), Has.None.EqualTo(StepState.Failed));
        Assert.That(ready.Status!.ConsecutiveFailures, Is.Zero);
        Assert.That(ready.Status.RecentIssuances, Is.Null.Or.Empty, "no CA has issued it");
        Assert.That(Cluster.Acme.OrdersPlaced, Is.Zero);
    }

    [Test]
    public async Task A_pair_that_does_not_fit_is_refused_and_changes_nothing()
    {
        PolicyBuilder policy = await FailedPolicyAsync();
        CertificateRenewalRun failed = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        using IssuedLeaf good = _authority.Issue(new LeafRequest(policy.Hostname));
        using IssuedLeaf foreign = _authority.Issue(new LeafRequest("elsewhere.example.com"));
        using IssuedLeaf expired = _authority.Issue(new LeafRequest(policy.Hostname) { NotBefore = DateTimeOffset.UnixEpoch, NotAfter = DateTimeOffset.UnixEpoch.AddDays(90) });
        await ProvideAsync("other-key", good.ChainPem, foreign.KeyPem);
        await ProvideAsync("other-name", foreign.ChainPem, foreign.KeyPem);
        await ProvideAsync("expired", expired.ChainPem, expired.KeyPem);
        await ProvideAsync("garbage", "no certificate", "no key");

        foreach ((string secret, string why) in new[] { ("absent", "does not exist"), ("other-key", "is not the key of"), ("other-name", "is not valid for"), ("expired", "expired"), ("garbage", "holds no usable key pair") })
        {
            await Cluster.AnnotateRunAsync(failed, WellKnown.ResolveWithSecret, secret);
            CertificateRenewalRun run = await WaitForAsync(failed, r => r.Status?.Handled?.ResolveWithSecret == secret, "to be refused");
            Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Failed), secret);
            Assert.That(run.Status.Log![^1].Message, Does.Contain(why), secret);
        }

        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), CancellationToken.None), Is.Null);
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Phase == PolicyPhase.Failed, "to stay failed");
    }

    private async Task<PolicyBuilder> FailedPolicyAsync()
    {
        var policy = new PolicyBuilder(Cluster);
        Cluster.Acme.Hooks.Before = request => Task.FromResult(request.Kind == AcmeRequestKind.NewOrder ? ProxiedAnswer.Problem(403, "malformed", "Not today.") : null);
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        return policy;
    }

    private Task ProvideAsync(string name, string chain, string key) =>
        Cluster.Secrets.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace },
                Type = "Opaque",
                Data = new Dictionary<string, byte[]> { ["tls.crt"] = Encoding.ASCII.GetBytes(chain), ["tls.key"] = Encoding.ASCII.GetBytes(key) },
            },
            CancellationToken.None);

    private Task<CertificateRenewalRun> WaitForAsync(CertificateRenewalRun run, Func<CertificateRenewalRun, bool> fits, string what) =>
        Eventually.GetAsync(_ => Cluster.Runs.GetAsync(NamespacedName.Of(run), CancellationToken.None), fits, Deadlines.Run, $"the run {what}");
}
