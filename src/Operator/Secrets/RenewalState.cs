using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Providers.Keys;

namespace CertOperator.Operator.Secrets;

/// <summary>
/// A policy's own Secret: the key that a run has staged before the CA hears of it, and the pairs that were replaced, their keys sealed.
/// It survives what a run's memory does not, and costs one write per run.
/// </summary>
public sealed class RenewalState(IKubernetesClient client, IMasterKeys keys)
{
    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);

    /// <exception cref="MasterKeyException">The master keys cannot be used.</exception>
    public async Task<PolicyState?> FindAsync(CertificateRenewalPolicy policy, CancellationToken cancellationToken)
    {
        if (await _secrets.FindAsync(Name(policy.Metadata.Namespace!, policy.Metadata.Name), cancellationToken) is not { } secret)
        {
            return null;
        }

        var ring = await keys.GetAsync(cancellationToken);
        var state = new PolicyState(secret, policy.Metadata.Uid!, ring);

        // Another replica may have sealed it with a key that is newer than what was read here.
        return state.MasterKeys().All(id => ring.Find(id) is not null) ? state : new PolicyState(secret, policy.Metadata.Uid!, await keys.ReloadAsync(cancellationToken));
    }

    /// <summary>Stages a key for a run, or where it is, and keeps the pair that the run is about to replace.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="run">The run.</param>
    /// <param name="state">The Secret as it was read; null where there is none.</param>
    /// <param name="key">The key to stage; null where the provider makes it.</param>
    /// <param name="current">The Secret in use; null where there is none.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="AlreadyExistsException">It was made since it was looked for.</exception>
    /// <exception cref="ConflictException">It was changed since it was read.</exception>
    /// <exception cref="MasterKeyException">The master keys cannot be used.</exception>
    public async Task<Secret> StageAsync(CertificateRenewalPolicy policy, CertificateRenewalRun run, PolicyState? state, ICertificateKey? key, Secret? current, CancellationToken cancellationToken)
    {
        var place = SealedPlace.Staged(policy.Metadata.Namespace!, policy.Metadata.Uid!, run.Metadata.Uid!);
        var secret = new Secret
        {
            Metadata = new ObjectMeta
            {
                Name = Naming.StateSecret(policy.Metadata.Name),
                Namespace = policy.Metadata.Namespace,
                ResourceVersion = state?.Secret.Metadata.ResourceVersion,
                Labels = new Dictionary<string, string>
                {
                    [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue,
                    [WellKnown.PolicyLabel] = Naming.Label(policy.Metadata.Name),
                },
                Annotations = new Dictionary<string, string> { [WellKnown.StagedForRun] = run.Metadata.Uid!, [WellKnown.StagedForRequest] = run.Status?.RequestHash ?? "" },
                OwnerReferences = [Ownership.By(policy)],
            },
            Type = WellKnown.StateSecretType,
            Data = PolicyState.Stage(state, place, await keys.GetAsync(cancellationToken), key, current),
        };
        return state is null ? await _secrets.CreateAsync(secret, cancellationToken) : await _secrets.UpdateAsync(secret, cancellationToken);
    }

    /// <summary>Keeps the pair that is about to be replaced by an earlier one.</summary>
    /// <param name="state">The Secret as it was read.</param>
    /// <param name="current">The Secret in use; null where there is none.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="ConflictException">It was changed since it was read.</exception>
    public async Task ArchiveAsync(PolicyState state, Secret? current, CancellationToken cancellationToken)
    {
        if (state.Archived(current) is { } data)
        {
            await WriteAsync(state.Secret, data, cancellationToken);
        }
    }

    /// <summary>Has the first master key seal what an earlier one has sealed.</summary>
    /// <returns>The state as it is stored now; null where the policy has none.</returns>
    /// <exception cref="ConflictException">It was changed since it was read; that write has sealed it again.</exception>
    /// <exception cref="MasterKeyException">The master keys cannot be used.</exception>
    public async Task<(PolicyState? State, bool Changed)> SealAgainAsync(CertificateRenewalPolicy policy, CancellationToken cancellationToken)
    {
        var state = await FindAsync(policy, cancellationToken);
        if (state?.SealedAgain() is not { } data)
        {
            return (state, false);
        }

        var written = await WriteAsync(state.Secret, data, cancellationToken);
        return (new PolicyState(written, policy.Metadata.Uid!, await keys.GetAsync(cancellationToken)), true);
    }

    /// <summary>Deletes the state of a policy that no longer exists; that of a new policy of the same name stays.</summary>
    public async Task DeleteAsync(string @namespace, string policy, string policyUid, CancellationToken cancellationToken)
    {
        var state = await _secrets.FindAsync(Name(@namespace, policy), cancellationToken);
        if (state is { Type: WellKnown.StateSecretType } && state.Metadata.OwnerReferences?.Any(o => o.Uid == policyUid) == true)
        {
            await Deletion.TryDeleteAsync(_secrets, state, cancellationToken);
        }
    }

    private static NamespacedName Name(string @namespace, string policy) => new(@namespace, Naming.StateSecret(policy));

    private Task<Secret> WriteAsync(Secret read, Dictionary<string, byte[]> data, CancellationToken cancellationToken)
        => _secrets.UpdateAsync(new Secret { Metadata = read.Metadata, Type = read.Type, Data = data }, cancellationToken);
}
