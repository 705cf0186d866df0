using System.Text.Json.Nodes;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.GitOps;

/// <summary>Argo CD's scripts on objects as the operator leaves them, and the operator on objects as the scripts leave them.</summary>
public sealed class ArgoCdTests : ClusterTest
{
    [Test]
    public async Task A_policy_is_healthy_as_long_as_its_certificate_is_and_its_actions_do_what_they_say()
    {
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync(policy))).Status, Is.EqualTo("Progressing"), "nobody has looked at it yet");
        Assert.That(await ArgoCd.ActionsAsync(await JsonOfAsync(policy)), Is.EqualTo(new[] { "dry-run", "renew" }));

        await Cluster.StartOperatorAsync();
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync(policy))).Status, Is.EqualTo("Healthy"));
        Assert.That(await ArgoCd.ActionsAsync(await JsonOfAsync(policy)), Is.EqualTo(new[] { "check", "dry-run", "renew", "rollback" }));
        CertificateRenewalRun first = (await Cluster.RunsOfAsync(policy.Name)).Single();
        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync("crr", first.Metadata.Name))).Status, Is.EqualTo("Healthy"));
        Assert.That(await ArgoCd.ActionsAsync(await JsonOfAsync("crr", first.Metadata.Name)), Is.Empty);

        var answer = new TaskCompletionSource<ProxiedAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Acme.Hooks.Before = request => request.Kind == AcmeRequestKind.NewOrder ? answer.Task : Task.FromResult<ProxiedAnswer?>(null);
        await ActAsync(policy, "renew");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status!.Phase == PolicyPhase.Running, "to be renewed");
        (string status, string message) = await ArgoCd.HealthAsync(await JsonOfAsync(policy));
        Assert.That(status, Is.EqualTo("Healthy"), "the certificate in use is good");
        Assert.That(message, Does.EndWith("A run is in progress."));
        CertificateRenewalRun second = (await Cluster.RunsOfAsync(policy.Name))[^1];
        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync("crr", second.Metadata.Name))).Status, Is.EqualTo("Progressing"));
        answer.SetResult(null);
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        await ActAsync(policy, "dry-run");
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 3);
        Assert.That(runs.Select(r => r.Status!.Mode), Is.EqualTo(new[] { RunMode.Live, RunMode.Live, RunMode.DryRun }));

        await ActAsync(policy, "rollback");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Condition("Reconciling")?.Reason == "RolledBack", "to be rolled back");
        (status, message) = await ArgoCd.HealthAsync(await JsonOfAsync(policy));
        Assert.That((status, message.Contains("renewal is held", StringComparison.Ordinal)), Is.EqualTo(("Healthy", true)));
        Assert.That(await ArgoCd.ActionsAsync(await JsonOfAsync(policy)), Does.Contain("lift-rollback"));
        await ActAsync(policy, "lift-rollback");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status!.Rollback is null, "to renew again");

        await ActAsync(policy, "check");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status!.Handled?.CheckRequestedAt is not null, "to have looked");
    }

    [Test]
    public async Task What_needs_a_person_is_suspended_and_what_cannot_work_is_degraded()
    {
        PolicyBuilder manual = new PolicyBuilder(Cluster, "manual").With(s => s with { Provider = CertificateProviderKind.Manual, ProviderConfig = null });
        PolicyBuilder stalled = new PolicyBuilder(Cluster, "stalled").With(s => s with { Hostname = "*.example.com" });
        PolicyBuilder suspended = new PolicyBuilder(Cluster, "suspended").With(s => s with { Suspend = true });
        PolicyBuilder failed = new PolicyBuilder(Cluster, "failed").With(s => s with { Hostname = "www.blocked-domain.example" });
        await Cluster.StartOperatorAsync();
        foreach (PolicyBuilder policy in new[] { manual, stalled, suspended, failed })
        {
            await Cluster.CreateAsync(policy);
        }

        await Cluster.WaitForPolicyAsync(manual.Name, p => p.Status?.Phase == PolicyPhase.NeedsManual, "to need a person");
        await Cluster.WaitForPolicyAsync(stalled.Name, p => p.Is("Stalled"), "to be stalled");
        await Cluster.WaitForPolicyAsync(suspended.Name, p => p.Condition("Reconciling")?.Reason == "Suspended", "to be suspended");
        await Cluster.WaitForPolicyAsync(failed.Name, p => p.Status?.Phase == PolicyPhase.Failed, "to have failed");
        CertificateRenewalRun awaiting = (await Cluster.RunsOfAsync(manual.Name)).Single();

        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync(manual))).Status, Is.EqualTo("Suspended"));
        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync(manual))).Message, Does.StartWith($"Run {awaiting.Metadata.Name} needs a person."));
        (string status, string message) = await ArgoCd.HealthAsync(await JsonOfAsync(stalled));
        Assert.That((status, message.Contains("dns-01", StringComparison.Ordinal)), Is.EqualTo(("Degraded", true)), message);
        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync(suspended))).Status, Is.EqualTo("Suspended"));
        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync(failed))).Status, Is.EqualTo("Degraded"));
        CertificateRenewalRun lost = (await Cluster.RunsOfAsync(failed.Name)).First(r => r.Status?.Phase == RunPhase.Failed);
        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync("crr", lost.Metadata.Name))).Status, Is.EqualTo("Degraded"));

        string run = await JsonOfAsync("crr", awaiting.Metadata.Name);
        Assert.That((await ArgoCd.HealthAsync(run)).Status, Is.EqualTo("Suspended"));
        Assert.That(await ArgoCd.ActionsAsync(run), Is.EqualTo(new[] { "resume" }));
        Assert.That((await ArgoCd.ActAsync(run, "resume")).ContainsKey(WellKnown.ResumeRequestedAt));
    }

    [Test]
    public async Task A_changed_spec_is_progressing_until_the_operator_has_read_it()
    {
        var policy = new PolicyBuilder(Cluster);
        OperatorUnderTest reader = await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        await reader.TerminateAsync();

        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { AdditionalNames = ["more.example.com"] });
        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync(policy))).Status, Is.EqualTo("Progressing"));
    }

    [TestCase("""{"kind":"CertificateRenewalPolicy"}""", "Progressing")]
    [TestCase("""{"kind":"CertificateRenewalPolicy","status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True"},{"type":"Else","status":"Unknown"}]}}""", "Healthy")]
    [TestCase("""{"kind":"CertificateRenewalPolicy","status":{"phase":"NeedsManual","conditions":[{"type":"Ready","status":"False"}]}}""", "Suspended")]
    [TestCase("""{"kind":"CertificateRenewalPolicy","status":{"phase":"Failed","conditions":[{"type":"Ready","status":"False"},{"type":"Reconciling","status":"True"}]}}""", "Degraded")]
    [TestCase("""{"kind":"CertificateRenewalPolicy","spec":{"suspend":true},"status":{"conditions":[{"type":"Ready","status":"False","reason":"Expired"}]}}""", "Degraded")]
    [TestCase("""{"kind":"CertificateRenewalPolicy","status":{"phase":"NeedsManual","conditions":[{"type":"Ready","status":"False","reason":"Expired"}]}}""", "Degraded")]
    [TestCase("""{"kind":"CertificateRenewalRun","status":{"phase":"Unheard"}}""", "Progressing")]
    [TestCase("""{"kind":"CertificateRenewalBatch","status":{"phase":"Paused","observedGeneration":3,"conditions":[{"type":"Stalled","status":"False"}]}}""", "Suspended")]
    [TestCase("""{"kind":"CertificateRenewalBatch","status":{"phase":"Paused","conditions":[{"type":"Stalled","status":"True"}]}}""", "Degraded")]
    public async Task An_object_that_lacks_much_has_a_health_all_the_same(string json, string status) =>
        Assert.That((await ArgoCd.HealthAsync(json)).Status, Is.EqualTo(status));

    [Test]
    public async Task A_batch_is_healthy_when_it_has_done_what_it_was_told()
    {
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(new PolicyBuilder(Cluster));
        await Cluster.WaitUntilReadyAsync("www");
        await Cluster.Batches.CreateAsync(new CertificateRenewalBatch { Metadata = new ObjectMeta { Name = "all", Namespace = Cluster.Namespace } }, CancellationToken.None);
        await Eventually.GetAsync(
            ct => Cluster.Batches.GetAsync(Cluster.Name("all"), ct), b => b.Status?.Phase == BatchPhase.Previewed, Deadlines.Run, "a plan");

        Assert.That((await ArgoCd.HealthAsync(await JsonOfAsync("crb", "all"))).Status, Is.EqualTo("Healthy"));
    }

    private async Task ActAsync(PolicyBuilder policy, string action)
    {
        JsonObject annotations = await ArgoCd.ActAsync(await JsonOfAsync(policy), action);
        await Cluster.ChangeAsync(
            policy.Name, p => p.Metadata.Annotations = annotations.ToDictionary(a => a.Key, a => a.Value!.GetValue<string>(), StringComparer.Ordinal));
    }

    private Task<string> JsonOfAsync(PolicyBuilder policy) => JsonOfAsync("crp", policy.Name);

    private Task<string> JsonOfAsync(string kind, string name) => Cluster.ControlPlane.KubectlAsync(["get", kind, name, "-n", Cluster.Namespace, "-o", "json"]);
}
