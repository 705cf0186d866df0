using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator;

/// <summary>The objects of each kind as the informers know them.</summary>
public sealed class ResourceStores
{
    public ResourceStores(ObjectStore<CertificateRenewalPolicy> policies, ObjectStore<CertificateRenewalRun> runs, ObjectStore<CertificateRenewalSettings> settings, ObjectStore<CertificateRenewalBatch> batches)
    {
        Policies = policies;
        Runs = runs;
        Settings = settings;
        Batches = batches;
        policies.AddIndexer(PolicyIndexes.Secret, p => [PolicyIndexes.SecretKey(p.Metadata.Namespace!, p.Spec.SecretName)]);
        policies.AddIndexer(PolicyIndexes.Namespace, p => [p.Metadata.Namespace!]);
        policies.AddIndexer(PolicyIndexes.Authority, AuthoritySecrets.IndexOf);
        policies.AddIndexer(PolicyIndexes.Key, SharedKeys.IndexOf);
        policies.AddIndexer(PolicyIndexes.Issuance, IssuanceGate.IndexOf);
        runs.AddIndexer(RunIndexes.RateLimited, RunIndexes.RateLimitedIn);
        runs.AddIndexer(RunIndexes.Active, RunIndexes.ActiveIn);
        runs.AddIndexer(RunIndexes.Policy, r => [RunIndexes.PolicyKey(r)]);
        runs.AddIndexer(RunIndexes.Token, RunIndexes.TokensOf);
        runs.AddIndexer(OrderRegister.Index, OrderRegister.OrdersOf);
    }

    public ObjectStore<CertificateRenewalPolicy> Policies { get; }

    public ObjectStore<CertificateRenewalRun> Runs { get; }

    public ObjectStore<CertificateRenewalSettings> Settings { get; }

    public ObjectStore<CertificateRenewalBatch> Batches { get; }

    public CertificateRenewalSettings? SettingsOf(string @namespace)
        => Settings.Get(new NamespacedName(@namespace, CertificateRenewalSettings.DefaultName));

    /// <summary>Runs of one policy, oldest first.</summary>
    public IReadOnlyList<CertificateRenewalRun> RunsOf(string @namespace, string policy)
        => [.. Runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(@namespace, policy)).Order(Comparer<CertificateRenewalRun>.Create(ByAge))];

    private static int ByAge(CertificateRenewalRun a, CertificateRenewalRun b)
    {
        var created = Nullable.Compare(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp);
        return created != 0 ? created : string.CompareOrdinal(a.Metadata.Name, b.Metadata.Name);
    }
}
