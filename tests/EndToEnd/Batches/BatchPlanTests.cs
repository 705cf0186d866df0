using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Batches;

/// <summary>What a batch would do, and where it may.</summary>
public sealed class BatchPlanTests : BatchTest
{
    [Test]
    public async Task A_preview_names_providers_reasons_and_costs_and_changes_nothing()
    {
        await Cluster.StartOperatorAsync();
        await CreateSettingsAsync(new SettingsSpec { Costs = [new ProviderCost { Provider = CertificateProviderKind.Acme, PerIssuance = "1.50" }] });
        await CreateReadyPoliciesAsync(4);
        await Cluster.ChangeAsync("p01", p => p.Spec = p.Spec with { AllowedProviders = [CertificateProviderKind.LetsEncrypt] });
        await Cluster.ChangeAsync("p02", p => p.Spec = p.Spec with { Suspend = true });
        foreach (string name in new[] { "p01", "p02" })
        {
            await Cluster.WaitForPolicyAsync(name, p => p.Status!.ObservedGeneration == p.Metadata.Generation, "to be looked at");
        }

        Dictionary<string, string?> secrets = (await Cluster.AllSecretsAsync()).ToDictionary(s => s.Metadata.Name, s => s.Metadata.ResourceVersion);
        int asked = Cluster.Acme.Exchanges.Count;
        await CreateBatchAsync(new BatchSpec());
        CertificateRenewalBatch batch = await WaitForPhaseAsync(BatchPhase.Previewed);

        Assert.That(batch.Status!.Preview!.Policies, Is.EqualTo(3));
        Assert.That(batch.Status.Preview.Skipped, Is.EqualTo(new[] { new BatchSkips { Reason = "Suspended", Policies = 1 } }));
        Assert.That(batch.Status.Preview.Providers!.Select(p => (p.Provider, p.Policies, p.Cost!.Single().Amount)), Is.EqualTo(new[] { (CertificateProviderKind.LetsEncrypt, 1, "0"), (CertificateProviderKind.Acme, 2, "3") }));
        Assert.That(batch.Status.CostEstimate!.Single(), Is.EqualTo(new Crds.Money { Amount = "3", Currency = "USD" }));
        IReadOnlyList<BatchRow> rows = await RowsAsync(batch);
        Assert.That(rows.Single(r => r.Policy == "p01").PassedOver!.Single(), Is.EqualTo(new PassedOverProvider { Provider = CertificateProviderKind.Acme, Reason = "Dearer", Message = "It costs 1.5 USD, and letsencrypt 0." }));
        Assert.That(batch.Status.Rows, Has.Count.EqualTo(4));
        Assert.That(await BatchRunsAsync(), Is.Empty);
        Assert.That((await Cluster.AllSecretsAsync()).ToDictionary(s => s.Metadata.Name, s => s.Metadata.ResourceVersion), Is.EqualTo(secrets));
        Assert.That(Cluster.Acme.Exchanges, Has.Count.EqualTo(asked));

        // A preview of no policy takes the place of the first one, with its rows.
        await ChangeBatchAsync(s => s with { Selector = new BatchSelector { MatchLabels = new Dictionary<string, string> { ["fleet"] = "another" } } });
        await WaitForBatchAsync(s => s is { Phase: BatchPhase.Previewed, Preview.Policies: 0 }, "to be previewed anew");
        await TestSupport.Eventually.TrueAsync(
            async ct => await Cluster.Resource(CoreResources.ConfigMaps).FindAsync(Cluster.Name(batch.Status.RowPages!.Single()), ct) is null, Deadline, "the page with the rows to be gone");

        // The same batch, made live for those that stay with the CA of the test.
        await Cluster.ChangeAsync("p01", p => p.Spec = p.Spec with { AllowedProviders = null });
        await Cluster.WaitForPolicyAsync("p01", p => p.Status!.ObservedGeneration == p.Metadata.Generation, "to be looked at");
        await ChangeBatchAsync(s => s with { Mode = BatchMode.Live, Selector = new BatchSelector { MatchLabels = Labels } });
        batch = await WaitForPhaseAsync(BatchPhase.Completed);
        Assert.That(batch.Status!.Counts, Is.EqualTo(new BatchCounts { Total = 4, Succeeded = 3, Skipped = 1 }));
        Assert.That(batch.Status.Cost!.Single().Amount, Is.EqualTo("4.5"));

        // What is changed after the end is seen, and changes nothing.
        long? generation = (await ChangeBatchAsync(s => s with { Pause = true })).Metadata.Generation;
        batch = await WaitForBatchAsync(s => s.ObservedGeneration == generation, "to have seen the change");
        Assert.That(batch.Status!.Phase, Is.EqualTo(BatchPhase.Completed));
    }

    [Test]
    public async Task Policies_of_another_namespace_are_renewed_only_while_it_accepts_the_batch()
    {
        string other = await Cluster.ControlPlane.CreateNamespaceAsync();
        await Cluster.StartOperatorAsync(new OperatorSettings { FurtherNamespaces = [other] });
        var there = new PolicyBuilder(Cluster, "there").Build();
        (there.Metadata.Namespace, there.Metadata.Labels) = (other, new Dictionary<string, string>(Labels));
        await Cluster.Policies.CreateAsync(there, CancellationToken.None);
        await TestSupport.Eventually.TrueAsync(async ct => (await Cluster.Policies.GetAsync(new NamespacedName(other, "there"), ct)).Is("Ready"), Deadline, "the policy there to be ready");

        await CreateBatchAsync(new BatchSpec { Mode = BatchMode.Live, Namespaces = [other] });
        CertificateRenewalBatch batch = await WaitForBatchAsync(s => s.Conditions?.Any(c => c is { Type: "Stalled", Status: "True" }) == true, "to be stalled");
        Assert.That((batch.Status!.Reason, batch.Status.Message), Is.EqualTo(("NamespaceNotAccepted", $"spec.namespaces: {other} does not accept batches of namespace {Cluster.Namespace}. Add {Cluster.Namespace} to spec.batches.acceptFrom of CertificateRenewalSettings default there, or leave it out.")));
        Assert.That(await BatchRunsAsync(other), Is.Empty);

        await CreateSettingsAsync(new SettingsSpec { Batches = new BatchSettings { AcceptFrom = [Cluster.Namespace] } }, other);
        batch = await WaitForPhaseAsync(BatchPhase.Completed);
        Assert.That(batch.Status!.Counts, Is.EqualTo(new BatchCounts { Total = 1, Succeeded = 1 }));
        Assert.That(await BatchRunsAsync(other), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_policy_inherits_what_the_settings_have_for_its_labels_and_follows_when_they_change()
    {
        await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        AcmeConfig acme = policy.Build().Spec.ProviderConfig!.Acme!;
        policy.With(s => s with { Provider = null, ProviderConfig = null, CooldownSeconds = null });
        CertificateRenewalPolicy bare = policy.Build();
        bare.Metadata.Labels = new Dictionary<string, string>(Labels);
        await CreateSettingsAsync(new SettingsSpec
        {
            Providers = new ProviderConfig { Acme = acme },
            Defaults = [new PolicyDefaults { Selector = new PolicyLabels { MatchLabels = Labels }, Provider = CertificateProviderKind.Acme, RenewBefore = "1h" }],
        });
        await Cluster.Policies.CreateAsync(bare, CancellationToken.None);
        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(ready.Status!.RenewalSource, Is.EqualTo("RenewBefore"));

        CertificateRenewalSettings settings = await Cluster.Settings.GetAsync(Cluster.Name(CertificateRenewalSettings.DefaultName), CancellationToken.None);
        settings.Spec = settings.Spec with { Defaults = [settings.Spec.Defaults![0] with { RenewBefore = "soon" }] };
        await Cluster.Settings.UpdateAsync(settings, CancellationToken.None);
        CertificateRenewalPolicy stalled = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled"), "to be stalled");
        Assert.That(stalled.Condition("Stalled")!.Message, Does.StartWith("CertificateRenewalSettings default, spec.defaults[0].renewBefore: "));
        Assert.That((stalled.Spec.Provider, stalled.Spec.RenewBefore, stalled.Metadata.Generation), Is.EqualTo(((CertificateProviderKind?)null, (string?)null, (long?)1)), "nothing is written into the spec");
    }
}
