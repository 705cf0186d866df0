using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Secrets;

/// <summary>What stands in the Secret that a policy writes, seen together with the other policies.</summary>
public sealed class TargetSecrets(TargetSecretWriter target, ResourceStores stores)
{
    /// <summary>The Secret as it is now; null where there is none.</summary>
    public async Task<(Secret? Secret, SecretFinding Finding)> ReadAsync(CertificateRenewalPolicy policy, ResolvedPolicy resolved, CancellationToken cancellationToken)
    {
        var @namespace = policy.Metadata.Namespace!;
        var secret = await target.FindAsync(@namespace, resolved.SecretName, cancellationToken);
        var authority = AuthoritySecrets.NamedBy(stores, @namespace, resolved.SecretName);
        return (secret, TargetSecretInspector.Inspect(secret, policy, resolved, authority, name => stores.Policies.Get(new NamespacedName(@namespace, name)) is not null));
    }

    /// <summary>Before anything is made: untouchable also where an older policy writes the Secret, or has the key.</summary>
    public async Task<SecretFinding> InspectAsync(CertificateRenewalPolicy policy, ResolvedPolicy resolved, CancellationToken cancellationToken)
    {
        if ((SecretWriters.Older(stores.Policies, policy) is { } writer ? SecretWriters.Conflict(resolved.SecretName, writer) : SharedKeys.FindConflict(stores.Policies, policy)) is { } conflict)
        {
            return new SecretFinding.Untouchable(conflict.Reason, conflict.Message);
        }

        return (await ReadAsync(policy, resolved, cancellationToken)).Finding;
    }
}
