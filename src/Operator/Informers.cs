using CertOperator.Crds;
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
        Policies = new Informer<CertificateRenewalPolicy>(client.Resource(CrdResources.Policies), options, time, random, logger) { Transform = kept.Trim };
        Runs = new Informer<CertificateRenewalRun>(client.Resource(CrdResources.Runs), options, time, random, logger) { Transform = kept.Trim };
        Settings = new Informer<CertificateRenewalSettings>(client.Resource(CrdResources.Settings), options, time, random, logger);
        Stores = new ResourceStores(Policies.Store, Runs.Store, Settings.Store);
    }

    public Informer<CertificateRenewalPolicy> Policies { get; }

    public Informer<CertificateRenewalRun> Runs { get; }

    public Informer<CertificateRenewalSettings> Settings { get; }

    public ResourceStores Stores { get; }

    public bool HasSynced => Policies.HasSynced && Runs.HasSynced && Settings.HasSynced;

    public Task RunAsync(CancellationToken cancellationToken)
        => Task.WhenAll(Settings.RunAsync(cancellationToken), Runs.RunAsync(cancellationToken), Policies.RunAsync(cancellationToken));

    public Task WaitForSyncAsync(CancellationToken cancellationToken)
        => Task.WhenAll(Policies.WaitForSyncAsync(cancellationToken), Runs.WaitForSyncAsync(cancellationToken), Settings.WaitForSyncAsync(cancellationToken));
}
