using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.KeyBackends;

/// <summary>What the operator keeps of private keys for itself is encrypted, for one namespace each.</summary>
public sealed class SealedKeyTests : ClusterTest
{
    [Test]
    public async Task A_staged_key_that_was_copied_from_another_namespace_does_not_open_and_is_replaced()
    {
        string other = await Cluster.ControlPlane.CreateNamespaceAsync();
        var settings = new OperatorSettings { FurtherNamespaces = [other] };
        await Cluster.StartHttp01ServiceAsync();
        OperatorUnderTest victim = await Cluster.StartOperatorAsync(settings);
        var mine = new PolicyBuilder(Cluster, "mine");
        await Cluster.CreateAsync(mine);
        await Cluster.WaitUntilReadyAsync(mine.Name);
        Secret stolen = await Cluster.Secrets.GetAsync(Cluster.Name("certoperator-state-mine"), CancellationToken.None);

        Task killed = KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge).KillAt(Cluster, victim);
        CertificateRenewalPolicy theirs = new PolicyBuilder(Cluster, "theirs").Build();
        theirs.Metadata.Namespace = other;
        await Cluster.Policies.CreateAsync(theirs, CancellationToken.None);
        await Cluster.ReachedAsync(killed);
        Secret state = await Cluster.Secrets.GetAsync(new NamespacedName(other, "certoperator-state-theirs"), CancellationToken.None);
        state.Data!["staged.key"] = stolen.Data!["staged.key"];
        await Cluster.Secrets.UpdateAsync(state, CancellationToken.None);
        await Cluster.StartOperatorAsync(settings);

        CertificateRenewalRun run = await Eventually.GetAsync(
            async ct => (await Cluster.Runs.ListPageAsync(new ListOptions { Namespace = other }, ct)).Items.Single(),
            r => r.Status?.Phase is RunPhase.Succeeded or RunPhase.Failed or RunPhase.NeedsManual,
            Deadlines.Run,
            "the run in the other namespace to end");
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That(run.Status.Log!.Select(l => l.Message), Has.Some.Contains("holds as staged.key does not open and is replaced. It was sealed for another namespace"));
        Assert.That(PublicKeyOf(await Cluster.Secrets.GetAsync(new NamespacedName(other, "theirs-tls"), CancellationToken.None)), Is.Not.EqualTo(PublicKeyOf(await Cluster.Secrets.GetAsync(Cluster.Name(mine.SecretName), CancellationToken.None))));
        Assert.That(Encoding.ASCII.GetString(stolen.Data["staged.key"]), Does.StartWith("sealed:v1:").And.Not.Contain("PRIVATE"));
    }

    [Test]
    public async Task A_rotated_master_key_file_opens_what_was_sealed_before_and_the_earlier_key_can_go()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File("keys");
        string[] lines = ["old " + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), "new " + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))];
        await File.WriteAllTextAsync(file, lines[0]);
        var settings = new OperatorSettings { Flags = ["--master-key-file", file] };
        OperatorUnderTest op = await Cluster.StartOperatorAsync(settings);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(Encoding.ASCII.GetString((await StateAsync(policy)).Data!["staged.key"]), Does.StartWith("sealed:v1:old:"));

        await File.WriteAllLinesAsync(file, lines.Reverse());
        await op.TerminateAsync();
        OperatorUnderTest second = await Cluster.StartOperatorAsync(settings);
        await Eventually.GetAsync(
            _ => StateAsync(policy),
            s => Encoding.ASCII.GetString(s.Data!["staged.key"]).StartsWith("sealed:v1:new:", StringComparison.Ordinal),
            Deadlines.Run,
            "the staged key to be sealed with the new master key");
        await Eventually.TrueAsync(() => second.LogLines.Any(l => l.Contains("Nothing needs old any more", StringComparison.Ordinal)), Deadlines.Api, "the end of the rotation in the log");

        Assert.That(await second.MetricsAsync(), Does.Contain("certoperator_master_key_old_states{key=\"new\"} 0"));
        Assert.That((await Cluster.AllSecretsAsync()).Select(s => s.Metadata.Name), Has.None.EqualTo("certoperator-master-key"));
    }

    private Task<Secret> StateAsync(PolicyBuilder policy) => Cluster.Secrets.GetAsync(Cluster.Name($"certoperator-state-{policy.Name}"), CancellationToken.None);

    private static byte[] PublicKeyOf(Secret secret)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(Encoding.ASCII.GetString(secret.Data!["tls.key"]));
        return key.ExportSubjectPublicKeyInfo();
    }
}
