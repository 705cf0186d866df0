using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;
using NUnit.Framework.Constraints;

namespace CertOperator.EndToEnd.Deployments;

/// <summary>The pair that was replaced comes back when a person asks for it, and stays until they let go.</summary>
public sealed class RollbackTests : ClusterTest
{
    private static readonly OperatorSettings OftenChecked = new() { Flags = ["--secret-check-interval", "10s"] };

    private static IEnumerable<TestCaseData> KillPointsOfRollback() => new[]
    {
        KillPoint.After("the pair in use is kept", r => r is { Verb: "update", Resource: "secrets" }),
        KillPoint.Before("the Secret is written", KillPoints.SecretIsWritten),
        KillPoint.After("the Secret is written", KillPoints.SecretIsWritten),
    }.Select(p => new TestCaseData(p).SetArgDisplayNames(p.Name));

    [Test]
    public async Task The_previous_pair_comes_back_is_deployed_and_stays_until_the_annotation_is_gone()
    {
        Workload web = await Workload.CreateAsync(Cluster, "web");
        var policy = new PolicyBuilder(Cluster).With(s => s with { Deploy = new DeploySpec { Restarts = [web.Restart] } });
        await Cluster.StartOperatorAsync(OftenChecked);
        await Cluster.CreateAsync(policy);
        string first = await RollOutAsync(web, policy, null);
        Secret old = await IssuedAsync(policy, first);
        await Cluster.RequestRenewalAsync(policy.Name, "again");
        string second = await RollOutAsync(web, policy, first);
        Secret replaced = await IssuedAsync(policy, second);

        await RequestRollbackAsync(policy, "1");
        Assert.That(await RollOutAsync(web, policy, second), Is.EqualTo(first));
        CertificateRenewalPolicy held = await WaitUntilHeldAsync(policy, first);

        Assert.That(await ReadAsync(policy), Holds(old));
        Assert.That(held.Is("Ready") && !held.Is("Stalled"));
        Assert.That(held.Status!.Rollback!.RequestedAt, Is.EqualTo("1"));
        Assert.That(held.Condition("Reconciling")!.Message, Does.Contain("remove annotation certoperator.io/rollback-requested-at").And.Contain("renew-requested-at"));
        CertificateRenewalRun run = (await Cluster.RunsOfAsync(policy.Name))[^1];
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(run.Status.Steps!.Where(s => s.Name < StepName.StoreSecret).Select(s => s.State), Has.All.EqualTo(StepState.Skipped));
        Assert.That(run.Metadata.Annotations![WellKnown.RunReason], Is.EqualTo("RolledBack"));

        await Cluster.Secrets.DeleteAsync(Cluster.Name(policy.SecretName), null, CancellationToken.None);
        await Eventually.GetAsync(_ => Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), CancellationToken.None), s => Same(s, old), Deadlines.Run, "the rolled-back pair to come back");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 4);
        Assert.That(web.Patches, Is.EqualTo(3), "the restored pair restarts nothing");

        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { AdditionalNames = [$"more.{policy.Hostname}"] });
        CertificateRenewalPolicy still = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status!.ObservedGeneration == p.Metadata.Generation && p.Status.LastFinishedRun?.Restored == true, "to have seen the change");
        Assert.That(still.Condition("Reconciling")!.Reason, Is.EqualTo("RolledBack"));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2), "held");

        await Cluster.ChangeAsync(policy.Name, p => p.Metadata.Annotations!.Remove(WellKnown.RollbackRequestedAt));
        await RollOutAsync(web, policy, first);
        CertificateRenewalPolicy renewed = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && p.Status!.Fingerprint != first, "to be renewed");
        Assert.That(renewed.Status!.Rollback, Is.Null);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(3));
        Assert.That(replaced.Data!["tls.crt"], Is.Not.EqualTo(old.Data!["tls.crt"]));
    }

    [Test]
    public async Task A_rollback_is_undone_by_another_one_and_ended_by_a_renewal()
    {
        var policy = new PolicyBuilder(Cluster);
        await Cluster.StartOperatorAsync();
        (Secret old, Secret replaced) = await RenewedTwiceAsync(policy);

        await RequestRollbackAsync(policy, "1");
        await WaitUntilHeldAsync(policy, FingerprintOf(old));
        await RequestRollbackAsync(policy, "2");
        await WaitUntilHeldAsync(policy, FingerprintOf(replaced));
        Assert.That(await ReadAsync(policy), Holds(replaced));

        await Cluster.RequestRenewalAsync(policy.Name, "third");
        CertificateRenewalPolicy renewed = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Rollback is null && p.Status!.Phase == PolicyPhase.Idle, "to be renewed");

        Assert.That(renewed.Status!.Handled, Is.EqualTo(new HandledRequests { RenewRequestedAt = "third", RollbackRequestedAt = "2" }));
        Assert.That(renewed.Status.Fingerprint, Is.Not.EqualTo(FingerprintOf(old)).And.Not.EqualTo(FingerprintOf(replaced)));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(3));
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(5));
    }

    [Test]
    public async Task A_rollback_does_not_stand_behind_a_renewal_that_waits_for_the_cooldown()
    {
        var policy = new PolicyBuilder(Cluster);
        await Cluster.StartOperatorAsync();
        (Secret old, _) = await RenewedTwiceAsync(policy);
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { CooldownSeconds = 3600 });
        await Cluster.RequestRenewalAsync(policy.Name, "third");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Condition("Reconciling") is { Status: "True", Reason: "Cooldown" }, "to say that the run waits");

        await RequestRollbackAsync(policy, "1");
        CertificateRenewalPolicy held = await WaitUntilHeldAsync(policy, FingerprintOf(old));

        Assert.That(await ReadAsync(policy), Holds(old));
        Assert.That(held.Status!.Incident, Is.Null, "a run that gives way is no trouble");
        Assert.That((await Cluster.RunsOfAsync(policy.Name)).Select(r => (r.Status!.Phase, r.Status.Reason)), Does.Contain(((RunPhase?)RunPhase.Failed, "PolicyChanged")));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2));
    }

    [TestCaseSource(nameof(KillPointsOfRollback))]
    public async Task A_rollback_that_was_killed_ends_well_and_keeps_both_pairs(KillPoint point)
    {
        await using PairWatcher pairs = await PairWatcher.StartAsync(Cluster);
        var policy = new PolicyBuilder(Cluster);
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        (Secret old, Secret replaced) = await RenewedTwiceAsync(policy);

        Task killed = point.KillAt(Cluster, victim);
        await RequestRollbackAsync(policy, "1");
        await Cluster.ReachedAsync(killed);
        await Cluster.StartOperatorAsync();
        await WaitUntilHeldAsync(policy, FingerprintOf(old));

        Assert.That(await ReadAsync(policy), Holds(old));
        Secret state = await Cluster.Secrets.GetAsync(Cluster.Name($"certoperator-state-{policy.Name}"), CancellationToken.None);
        Assert.That(state.Data!["previous.crt"], Is.EqualTo(replaced.Data!["tls.crt"]));
        Assert.That(Encoding.ASCII.GetString(state.Data["previous.key"]), Does.StartWith("sealed:v1:"));
        Assert.That(state.Data["older.crt"], Is.EqualTo(old.Data!["tls.crt"]));
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(3));
        Assert.That(pairs.Mismatches, Is.Empty);
    }

    [TestCase("expired", "The certificate ended at")]
    [TestCase("for another name", "does not hold the name")]
    [TestCase("another key", "is not the key of")]
    [TestCase("none", "the certificate in use is the first one")]
    public async Task A_pair_that_would_not_work_is_refused_with_the_reason(string what, string said)
    {
        var policy = new PolicyBuilder(Cluster);
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);
        await KeepAsync(policy, what, TimeProvider.System.GetUtcNow().AddMinutes(what == "expired" ? -1 : 60));

        await RequestRollbackAsync(policy, "1");
        CertificateRenewalPolicy refused = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Rollback is not null, "to refuse the rollback");

        Assert.That(refused.Status!.Rollback!.Refused, Does.Contain(said));
        Assert.That(refused.Condition("Reconciling")!.Reason, Is.EqualTo("RollbackRefused"));
        Assert.That(refused.Condition("Reconciling")!.Message, Does.Contain(said));
        Assert.That(refused.Is("Ready"));
        Assert.That(refused.Status.Fingerprint, Is.EqualTo(ready.Status!.Fingerprint));
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_certificate_that_expires_while_it_is_held_is_said_to_be_expired_and_by_whom()
    {
        var policy = new PolicyBuilder(Cluster);
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        await KeepAsync(policy, "short", TimeProvider.System.GetUtcNow().AddSeconds(25));

        await RequestRollbackAsync(policy, "1");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Rollback is { Since: not null } && p.Status.Phase == PolicyPhase.Idle, "to be rolled back");
        CertificateRenewalPolicy expired = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Condition("Ready")?.Reason == "Expired", "to tell that it expired");

        Assert.That(expired.Is("Ready"), Is.False);
        Assert.That(expired.Condition("Ready")!.Message, Does.Contain("expired on").And.Contain("held by a rollback"));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    private static IResolveConstraint Holds(Secret other) => Is.Not.Null.And.Matches<Secret>(s => Same(s, other));

    private static bool Same(Secret? a, Secret b) =>
        a is not null
        && a.Data!["tls.crt"].AsSpan().SequenceEqual(b.Data!["tls.crt"])
        && a.Data["tls.key"].AsSpan().SequenceEqual(b.Data["tls.key"]);

    private static string FingerprintOf(Secret secret)
    {
        using X509Certificate2 certificate = PairWatcher.PairOf(secret);
        return Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
    }

    private static async Task<string> RollOutAsync(Workload workload, PolicyBuilder policy, string? after)
    {
        string fingerprint = await workload.WaitForRestartAsync(policy.Name, after);
        await workload.FinishRolloutAsync();
        return fingerprint;
    }

    private async Task<Secret> IssuedAsync(PolicyBuilder policy, string fingerprint)
    {
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Fingerprint == fingerprint && p.Status.Phase == PolicyPhase.Idle, $"to hold {fingerprint}");
        return await ReadAsync(policy);
    }

    private async Task<(Secret Old, Secret Replaced)> RenewedTwiceAsync(PolicyBuilder policy)
    {
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret old = await ReadAsync(policy);
        await Cluster.RequestRenewalAsync(policy.Name, "again");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        Secret replaced = await ReadAsync(policy);
        await IssuedAsync(policy, FingerprintOf(replaced));
        return (old, replaced);
    }

    private Task<CertificateRenewalPolicy> WaitUntilHeldAsync(PolicyBuilder policy, string fingerprint) =>
        Cluster.WaitForPolicyAsync(
            policy.Name,
            p => p.Status?.Rollback is { Refused: null } rollback && rollback.Fingerprint == fingerprint && p.Status.Fingerprint == fingerprint && p.Condition("Reconciling")?.Reason == "RolledBack",
            "to be held");

    private Task RequestRollbackAsync(PolicyBuilder policy, string value) =>
        Cluster.ChangeAsync(policy.Name, p => (p.Metadata.Annotations ??= [])[WellKnown.RollbackRequestedAt] = value);

    private Task<Secret> ReadAsync(PolicyBuilder policy) => Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);

    /// <summary>Puts a pair where the operator keeps the one before.</summary>
    private async Task KeepAsync(PolicyBuilder policy, string what, DateTimeOffset notAfter)
    {
        if (what == "none")
        {
            return;
        }

        using TestAuthority authority = TestAuthority.CreateRoot(TimeProvider.System);
        var request = new LeafRequest(what == "for another name" ? "other.example.com" : policy.Hostname) { NotBefore = notAfter.AddHours(-2), NotAfter = notAfter };
        using IssuedLeaf leaf = authority.Issue(request);
        using IssuedLeaf other = authority.Issue(request);
        Secret state = await Cluster.Secrets.GetAsync(Cluster.Name($"certoperator-state-{policy.Name}"), CancellationToken.None);
        state.Data!["previous.crt"] = Encoding.ASCII.GetBytes(leaf.ChainPem);
        state.Data["previous.key"] = Encoding.ASCII.GetBytes((what == "another key" ? other : leaf).KeyPem);
        await Cluster.Secrets.UpdateAsync(state, CancellationToken.None);
    }
}
