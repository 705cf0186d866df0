using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies.Issuers;

namespace CertOperator.Operator.Policies;

/// <summary>
/// Policies of a namespace whose keys in Vault are one and the same. Each takes the latest version for its own, so one that renews with a
/// new key takes the other's away; where neither does, they may share it. Of those that may not, the oldest keeps the key. In other
/// namespaces is not looked: whoever writes policies there could keep this one from renewing by naming its key.
/// </summary>
public static class SharedKeys
{
    public static IEnumerable<string> IndexOf(CertificateRenewalPolicy policy) => KeyOf(policy) is { } key ? [Name(policy, key)] : [];

    /// <summary>A policy that was there first and has the same key; null where there is none that is in the way.</summary>
    public static PolicyProblem? FindConflict(ObjectStore<CertificateRenewalPolicy> policies, CertificateRenewalPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policies);
        ArgumentNullException.ThrowIfNull(policy);
        if (KeyOf(policy) is not { } key)
        {
            return null;
        }

        var other = policies.ByIndex(PolicyIndexes.Key, Name(policy, key))
            .Where(p => p.Metadata.Uid != policy.Metadata.Uid && p.Metadata.DeletionTimestamp is null && SecretWriters.IsOlder(p, policy) && (Rotates(p) || Rotates(policy)))
            .MinBy(p => p.Metadata.Name, StringComparer.Ordinal);
        return other is null
            ? null
            : new PolicyProblem(
                PolicyReasons.KeyConflict,
                $"{key.Field}.keyName: key {key.Name} of {(key.IsValue ? "KV" : "Transit")} engine {key.Mount} at {key.Vault.Address.Authority} is already that of policy {other.Metadata.Name}, and a renewal of {(Rotates(policy) ? "this one" : "that one")} would make another version of it. Choose another name here, or set spec.key.rotation: Never in both policies.");
    }

    private static ResolvedVaultKeys? KeyOf(CertificateRenewalPolicy policy)
        => policy.Spec.KeyBackend == KeyBackendKind.Vault ? VaultKeyResolver.Resolve(policy, _ => { }) : null;

    private static bool Rotates(CertificateRenewalPolicy policy) => (policy.Spec.Key?.Rotation ?? KeyRotation.Always) != KeyRotation.Never;

    private static string Name(CertificateRenewalPolicy policy, ResolvedVaultKeys key) => $"{policy.Metadata.Namespace} {key.Identity}";
}
