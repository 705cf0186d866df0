using System.Collections.Concurrent;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Inventory;

/// <summary>Collects the whole inventory once, for somebody who waits for it.</summary>
/// <param name="client">The API server.</param>
/// <param name="namespaces">Where to look; empty for everywhere.</param>
public sealed class InventoryCollection(IKubernetesClient client, IReadOnlyList<string> namespaces)
{
    /// <summary>Secrets read at once.</summary>
    private const int Readers = 8;

    private readonly ResourceStores _stores = new(
        new ObjectStore<CertificateRenewalPolicy>(), new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());

    /// <summary>The certificates of the policies.</summary>
    /// <exception cref="KubernetesException">They cannot be listed.</exception>
    public async Task<IReadOnlyList<InventoryEntry>> ManagedAsync(CancellationToken cancellationToken)
    {
        await ListAsync(CrdResources.Settings, _stores.Settings, cancellationToken);
        await ListAsync(CrdResources.Policies, _stores.Policies, cancellationToken);
        return [.. _stores.Policies.List().Select(p => InventoryEntries.Of(p, InheritedDefaults.Fill(p, _stores.SettingsOf(p.Metadata.Namespace!)).Spec))];
    }

    /// <summary>Those that no policy manages; after <see cref="ManagedAsync"/>, which says what the policies manage.</summary>
    /// <exception cref="KubernetesException">They cannot be listed.</exception>
    public async Task<IReadOnlyList<InventoryEntry>> UnmanagedAsync(CancellationToken cancellationToken)
    {
        var survey = new SecretSurvey(client, _stores);
        var entries = new ConcurrentBag<InventoryEntry>();
        foreach (var @namespace in namespaces.DefaultIfEmpty(""))
        {
            var listing = await survey.ListAsync(@namespace, int.MaxValue, cancellationToken);
            await Parallel.ForEachAsync(
                listing.Unmanaged.Values,
                new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken },
                async (secret, ct) =>
                {
                    if (await survey.ReadAsync(secret, ct) is { } read)
                    {
                        entries.Add(InventoryEntries.Of(read));
                    }
                });
        }

        return [.. entries];
    }

    private async Task ListAsync<T>(ResourceDefinition<T> definition, ObjectStore<T> store, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        foreach (var @namespace in namespaces.DefaultIfEmpty(""))
        {
            await foreach (var obj in client.Resource(definition).ListAsync(new ListOptions { Namespace = @namespace }, cancellationToken))
            {
                store.Observe(obj);
            }
        }
    }
}
