using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator;

/// <summary>One informer per kind, shared by everything in the process.</summary>
public sealed class Informers
{
    public Informers(IKubernetesClient client, IReadOnlyList<string> namespaces, TimeProvider time, Random random, ILoggerFactory loggers)
    {
        var options = new InformerOptions { Namespaces = namespaces };
        var kept = new CachedObjects();
        var logger = loggers.CreateLogger("CertOperator.Kubernetes.Informer");

        // A run is the record of what was asked of the CA. Of a policy or of settings an older state does no harm: what follows from it
        // is written by version or has a name that it was given before.
        var quick = options with { FirstListFromCache = true };
        Policies = new Informer<CertificateRenewalPolicy>(client.Resource(CrdResources.Policies), quick, time, random, logger) { Transform = kept.Trim };
        Runs = new Informer<CertificateRenewalRun>(client.Resource(CrdResources.Runs), options, time, random, logger) { Transform = kept.Trim };
        Settings = new Informer<CertificateRenewalSettings>(client.Resource(CrdResources.Settings), quick, time, random, logger);
        Batches = new Informer<CertificateRenewalBatch>(client.Resource(CrdResources.Batches), options, time, random, logger) { Transform = kept.Trim };
        Stores = new ResourceStores(Policies.Store, Runs.Store, Settings.Store, Batches.Store);
    }

    public Informer<CertificateRenewalPolicy> Policies { get; }

    public Informer<CertificateRenewalRun> Runs { get; }

    public Informer<CertificateRenewalSettings> Settings { get; }

    public Informer<CertificateRenewalBatch> Batches { get; }

    public ResourceStores Stores { get; }

    public bool HasSynced => Policies.HasSynced && Runs.HasSynced && Settings.HasSynced && Batches.HasSynced;

    public Task RunAsync(CancellationToken cancellationToken)
        => Task.WhenAll(Settings.RunAsync(cancellationToken), Runs.RunAsync(cancellationToken), Policies.RunAsync(cancellationToken), Batches.RunAsync(cancellationToken));

    public Task WaitForSyncAsync(CancellationToken cancellationToken)
        => Task.WhenAll(Policies.WaitForSyncAsync(cancellationToken), Runs.WaitForSyncAsync(cancellationToken), Settings.WaitForSyncAsync(cancellationToken), Batches.WaitForSyncAsync(cancellationToken));
}
