using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Batches;

/// <summary>Tests of batches: policies that have a certificate each, and batches that renew them.</summary>
public abstract class BatchTest : ClusterTest
{
    protected static readonly Dictionary<string, string> Labels = new() { ["fleet"] = "batch" };

    protected static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    protected async Task<IReadOnlyList<PolicyBuilder>> CreateReadyPoliciesAsync(int count, Func<PolicySpec, PolicySpec>? change = null)
    {
        PolicyBuilder[] policies = [.. Enumerable.Range(0, count).Select(i => new PolicyBuilder(Cluster, $"p{i:00}").With(change ?? (s => s)))];
        await Task.WhenAll(policies.Select(p =>
        {
            CertificateRenewalPolicy policy = p.Build();
            policy.Metadata.Labels = new Dictionary<string, string>(Labels);
            return Cluster.Policies.CreateAsync(policy, CancellationToken.None);
        }));
        await WaitUntilReadyAsync(count);
        return policies;
    }

    protected Task WaitUntilReadyAsync(int count)
        => Eventually.TrueAsync(
            async ct => (await Cluster.Policies.ListPageAsync(new ListOptions { Namespace = Cluster.Namespace }, ct)).Items.Count(p => p.Is("Ready") && p.Status!.Phase == PolicyPhase.Idle) == count,
            Deadline,
            $"{count} policies to be ready");

    /// <summary>Policies whose Secrets are what an operator would have left, for numbers that would take minutes to issue.</summary>
    protected async Task CreateHeldPoliciesAsync(int count)
    {
        using TestAuthority authority = TestAuthority.CreateRoot(TimeProvider.System);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (i, ct) =>
            {
                CertificateRenewalPolicy policy = new PolicyBuilder(Cluster, $"p{i:0000}").Build();
                policy.Metadata.Labels = new Dictionary<string, string>(Labels);
                policy = await Cluster.Policies.CreateAsync(policy, ct);
                using IssuedLeaf leaf = authority.Issue(new LeafRequest(policy.Spec.Hostname));
                await Cluster.Resource(CoreResources.Secrets).CreateAsync(HeldSecret(policy, leaf), ct);
            });
    }

    private static Secret HeldSecret(CertificateRenewalPolicy policy, IssuedLeaf leaf)
        => new()
        {
            Metadata = new ObjectMeta
            {
                Name = policy.Spec.SecretName,
                Namespace = policy.Metadata.Namespace,
                Labels = new Dictionary<string, string> { [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue },
                Annotations = new Dictionary<string, string>
                {
                    [WellKnown.SecretPolicy] = policy.Metadata.Name,
                    [WellKnown.SecretPolicyUid] = policy.Metadata.Uid!,
                    [WellKnown.SecretServer] = policy.Spec.ProviderConfig!.Acme!.Server!,
                },
            },
            Type = WellKnown.TlsSecretType,
            Data = new Dictionary<string, byte[]>
            {
                [WellKnown.TlsCertificateKey] = Encoding.ASCII.GetBytes(leaf.ChainPem),
                [WellKnown.TlsPrivateKeyKey] = Encoding.ASCII.GetBytes(leaf.KeyPem),
            },
        };

    protected Task<CertificateRenewalBatch> CreateBatchAsync(BatchSpec spec, string name = "spring")
        => Cluster.Batches.CreateAsync(
            new CertificateRenewalBatch
            {
                Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace },
                Spec = spec with { Selector = spec.Selector ?? new BatchSelector { MatchLabels = Labels } },
            },
            CancellationToken.None);

    protected Task<CertificateRenewalBatch> ChangeBatchAsync(Func<BatchSpec, BatchSpec> change, string name = "spring")
        => Eventually.GetAsync(
            async ct =>
            {
                CertificateRenewalBatch batch = await Cluster.Batches.GetAsync(Cluster.Name(name), ct);
                batch.Spec = change(batch.Spec);
                return await Cluster.Batches.UpdateAsync(batch, ct);
            },
            _ => true,
            Deadlines.Api,
            "the batch to be changed");

    protected Task<CertificateRenewalBatch> WaitForBatchAsync(Func<BatchStatus, bool> fits, string what, TimeSpan? deadline = null, string name = "spring")
        => Eventually.GetAsync(ct => Cluster.Batches.GetAsync(Cluster.Name(name), ct), b => b.Status is { } status && fits(status), deadline ?? Deadline, $"batch {name} {what}");

    protected Task<CertificateRenewalBatch> WaitForPhaseAsync(BatchPhase phase, TimeSpan? deadline = null, string name = "spring")
        => WaitForBatchAsync(s => s.Phase == phase, $"to be {phase}", deadline, name);

    protected async Task<IReadOnlyList<CertificateRenewalRun>> BatchRunsAsync(string? ns = null)
    {
        List<CertificateRenewalRun> runs = [];
        await foreach (CertificateRenewalRun run in Cluster.Runs.ListAsync(new ListOptions { Namespace = ns ?? Cluster.Namespace, LabelSelector = $"{WellKnown.BatchLabel}=spring" }, CancellationToken.None))
        {
            runs.Add(run);
        }

        return runs;
    }

    /// <summary>All rows, from the pages that the status names.</summary>
    protected async Task<IReadOnlyList<BatchRow>> RowsAsync(CertificateRenewalBatch batch)
    {
        List<BatchRow> rows = [];
        foreach (string page in batch.Status!.RowPages ?? [])
        {
            ConfigMap map = await Cluster.Resource(CoreResources.ConfigMaps).GetAsync(Cluster.Name(page), CancellationToken.None);
            rows.AddRange(map.Data!["rows"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => System.Text.Json.JsonSerializer.Deserialize(line, CrdsJsonContext.Default.BatchRow)!));
        }

        return rows;
    }

    protected Task CreateSettingsAsync(SettingsSpec spec, string? ns = null)
        => Cluster.Settings.CreateAsync(
            new CertificateRenewalSettings { Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = ns ?? Cluster.Namespace }, Spec = spec },
            CancellationToken.None);

    protected async Task<IReadOnlyList<string>> EventReasonsAsync()
    {
        List<string> reasons = [];
        await foreach (Event e in Cluster.Events.ListAsync(new ListOptions { Namespace = Cluster.Namespace }, CancellationToken.None))
        {
            if (e.Regarding?.Kind == CertificateRenewalBatch.KindName)
            {
                reasons.Add(e.Reason!);
            }
        }

        return reasons;
    }

    protected Task WaitForEventAsync(string reason)
        => Eventually.TrueAsync(async _ => (await EventReasonsAsync()).Contains(reason), Deadlines.Api, $"an Event {reason}");
}
