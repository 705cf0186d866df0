using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.PrivateCa;

namespace CertOperator.Operator.Authorities;

/// <summary>Secrets and trust bundles of the CAs that look after themselves. No key in a Secret is ever overwritten: writes go by the version that was read.</summary>
public sealed class PrivateRootStore(IKubernetesClient client, TimeProvider time)
{
    public const string BundleKey = "ca.crt";

    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);
    private readonly IResourceClient<ConfigMap> _bundles = client.Resource(CoreResources.ConfigMaps);

    public Task<Secret?> FindAsync(NamespacedName name, CancellationToken cancellationToken) => _secrets.FindAsync(name, cancellationToken);

    /// <summary>The CA's Secret, made where it is missing; of two that make it, the first wins.</summary>
    public async Task<Secret> EnsureAsync(NamespacedName name, PrivateRoot root, CancellationToken cancellationToken)
    {
        if (await _secrets.FindAsync(name, cancellationToken) is { } found)
        {
            return found;
        }

        try
        {
            return await _secrets.CreateAsync(PrivateRootState.New(name, root.CreatePair(time.GetUtcNow())), cancellationToken);
        }
        catch (AlreadyExistsException)
        {
            return await _secrets.GetAsync(name, cancellationToken);
        }
    }

    /// <exception cref="ConflictException">Somebody has changed it since it was read.</exception>
    public Task<Secret> UpdateAsync(Secret secret, CancellationToken cancellationToken) => _secrets.UpdateAsync(secret, cancellationToken);

    public Task<ConfigMap?> FindBundleAsync(NamespacedName name, CancellationToken cancellationToken) => _bundles.FindAsync(name, cancellationToken);

    /// <summary>What keeps the CA's bundle from being written to this ConfigMap, with what to do; null where it may be.</summary>
    public static string? BundleObstacle(ConfigMap? existing, string authority)
    {
        var owner = existing?.Metadata.Annotations?.GetValueOrDefault(WellKnown.TrustBundleOf);
        return existing is null || owner == authority
            ? null
            : $"{PrivateCaIssuer.DefaultPrivateCaField}.root.trustConfigMapName: ConfigMap {existing.Metadata.Name} {(owner is null ? "was not made by the operator" : $"holds the trust bundle of the CA in Secret {owner}")}, so the bundle of the CA in Secret {authority} is not written there. Name another ConfigMap, or delete that one if nothing needs it.";
    }

    /// <summary>Writes the bundle and leaves what others keep in the ConfigMap.</summary>
    public Task WriteBundleAsync(NamespacedName name, string authority, ConfigMap? existing, string bundle, CancellationToken cancellationToken)
    {
        if (existing is null)
        {
            return _bundles.CreateAsync(
                new ConfigMap
                {
                    Metadata = new ObjectMeta
                    {
                        Name = name.Name,
                        Namespace = name.Namespace,
                        Labels = new Dictionary<string, string> { [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue },
                        Annotations = new Dictionary<string, string> { [WellKnown.TrustBundleOf] = authority },
                    },
                    Data = new Dictionary<string, string> { [BundleKey] = bundle },
                },
                cancellationToken);
        }

        existing.Data = new Dictionary<string, string>(existing.Data ?? []) { [BundleKey] = bundle };
        return _bundles.UpdateAsync(existing, cancellationToken);
    }
}
