using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Interference;

/// <summary>Runs that a person made with kubectl.</summary>
public sealed class ManualRunTests : ClusterTest
{
    [Test]
    public async Task A_run_for_a_policy_is_taken_in_and_counts_like_one_of_the_operators_own()
    {
        await Cluster.StartOperatorAsync();
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with { Suspend = true });
        CertificateRenewalPolicy created = await Cluster.CreateAsync(policy);
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Condition("Reconciling")?.Reason == "Suspended", "to say that it is suspended");
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Is.Empty);

        await MakeAsync("first", policy.Name);
        CertificateRenewalPolicy ready = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && p.Status!.LastFinishedRun?.Name == "first", "to account for the run");
        await MakeAsync("second", policy.Name);
        CertificateRenewalPolicy renewed = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && p.Status!.LastFinishedRun?.Name == "second", "to account for the second run");

        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.RunsOfAsync(policy.Name);
        Assert.That(runs.Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded, RunPhase.Succeeded }));
        Assert.That(runs.Select(r => r.Metadata.OwnerReferences?.Single().Uid), Has.All.EqualTo(created.Metadata.Uid));
        Assert.That(runs.Select(r => r.Metadata.Labels?[WellKnown.PolicyLabel]), Has.All.EqualTo(policy.Name));
        Assert.That(renewed.Status!.Serial, Is.Not.EqualTo(ready.Status!.Serial));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2));
    }

    [Test]
    public async Task A_run_that_belongs_to_a_workflow_is_taken_in_beside_its_owner()
    {
        await Cluster.StartOperatorAsync();
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with { Suspend = true });
        CertificateRenewalPolicy created = await Cluster.CreateAsync(policy);
        var owner = new OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "workflow", Uid = "0d9e4f8a-6b1c-4a0e-9a53-3f5f0c7f4a11", Controller = true };
        await Cluster.Runs.CreateAsync(
            new CertificateRenewalRun
            {
                Metadata = new ObjectMeta { Name = "of-a-workflow", Namespace = Cluster.Namespace, OwnerReferences = [owner] },
                Spec = new RunSpec { PolicyRef = new PolicyReference { Name = policy.Name } },
            },
            CancellationToken.None);

        CertificateRenewalRun run = await WaitForEndAsync("of-a-workflow");

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(run.Metadata.OwnerReferences!.Select(o => (o.Uid, o.Controller == true)), Is.EqualTo(new[] { (owner.Uid, true), (created.Metadata.Uid!, false) }));
    }

    [Test]
    public async Task A_run_for_no_policy_says_so_and_touches_nothing()
    {
        Secret[] others =
        [
            new() { Metadata = Named("victim", new() { [WellKnown.SecretCreatedByRun] = "by-hand" }), Data = new() { ["a"] = [1] } },
            new() { Metadata = Named("certoperator-state-nothing"), Type = WellKnown.StateSecretType, Data = new() { ["staged.key"] = [1] } },
        ];
        await Task.WhenAll(others.Select(s => Cluster.Secrets.CreateAsync(s, CancellationToken.None)));
        OperatorUnderTest op = await Cluster.StartOperatorAsync();

        await MakeAsync("by-hand", "nothing", new() { [WellKnown.RunSecret] = "victim" });
        CertificateRenewalRun run = await WaitForEndAsync("by-hand");
        await MakeAsync("another", "nothing");
        await WaitForEndAsync("another");

        Assert.That((run.Status!.Phase, run.Status.Reason), Is.EqualTo(((RunPhase?)RunPhase.Failed, "PolicyNotFound")));
        Assert.That(run.Status.Message, Does.Contain("spec.policyRef.name").And.Contain("nothing").And.Contain(Cluster.Namespace));
        Assert.That(await Cluster.RunsOfAsync("nothing"), Has.Count.EqualTo(2), "they are their maker's");
        Assert.That((await Cluster.AllSecretsAsync()).Select(s => s.Metadata.Name), Is.SupersetOf(others.Select(s => s.Metadata.Name)));
        Assert.That(Cluster.Acme.Exchanges, Is.Empty);
        Assert.That(op.HasExited, Is.False);
    }

    [Test]
    public async Task A_run_for_a_policy_whose_Secret_is_somebody_elses_ends_before_the_CA_hears_of_it()
    {
        var foreign = new PolicyBuilder(Cluster, "foreign");
        var first = new PolicyBuilder(Cluster, "first");
        PolicyBuilder second = new PolicyBuilder(Cluster, "second").With(s => s with { SecretName = first.SecretName });
        await Cluster.Secrets.CreateAsync(new Secret { Metadata = Named(foreign.SecretName), Data = new() { ["a"] = [1] } }, CancellationToken.None);
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(first);
        await Cluster.WaitUntilReadyAsync(first.Name);
        await Cluster.CreateAsync(foreign);
        await Cluster.CreateAsync(second);
        await Cluster.WaitForPolicyAsync(foreign.Name, p => p.Is("Stalled"), "to be stalled");
        await Cluster.WaitForPolicyAsync(second.Name, p => p.Is("Stalled"), "to be stalled");
        Secret before = await Cluster.Secrets.GetAsync(Cluster.Name(first.SecretName), CancellationToken.None);

        await MakeAsync("for-foreign", foreign.Name);
        await MakeAsync("for-second", second.Name);

        CertificateRenewalRun refused = await WaitForEndAsync("for-foreign");
        CertificateRenewalRun conflicting = await WaitForEndAsync("for-second");
        Assert.That((refused.Status!.CurrentStep, refused.Status.Reason), Is.EqualTo(((StepName?)StepName.Preflight, "SecretWrongType")), refused.Status.Message);
        Assert.That((conflicting.Status!.CurrentStep, conflicting.Status.Reason), Is.EqualTo(((StepName?)StepName.Preflight, "SecretConflict")), conflicting.Status.Message);
        Assert.That((await Cluster.Secrets.GetAsync(Cluster.Name(first.SecretName), CancellationToken.None)).Metadata.ResourceVersion, Is.EqualTo(before.Metadata.ResourceVersion));
        Assert.That((await Cluster.Secrets.GetAsync(Cluster.Name(foreign.SecretName), CancellationToken.None)).Data!.Keys, Is.EqualTo(new[] { "a" }));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1), "that of the first policy");
    }

    private ObjectMeta Named(string name, Dictionary<string, string>? annotations = null) => new() { Name = name, Namespace = Cluster.Namespace, Annotations = annotations };

    private Task MakeAsync(string name, string policy, Dictionary<string, string>? annotations = null) => Cluster.Runs.CreateAsync(
        new CertificateRenewalRun { Metadata = Named(name, annotations), Spec = new RunSpec { PolicyRef = new PolicyReference { Name = policy }, RequestedBy = "a person" } },
        CancellationToken.None);

    private Task<CertificateRenewalRun> WaitForEndAsync(string run) => Eventually.GetAsync(
        ct => Cluster.Runs.GetAsync(Cluster.Name(run), ct),
        r => r.Status?.Phase is RunPhase.Succeeded or RunPhase.Failed or RunPhase.NeedsManual,
        Deadlines.Run,
        $"run {run} to end");
}
