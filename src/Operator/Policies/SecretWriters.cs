using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Policies;

/// <summary>Of several policies with one Secret the oldest writes it.</summary>
public static class SecretWriters
{
    /// <returns>Name of the policy that writes this policy's Secret and was there first; null where there is none.</returns>
    public static string? Older(ObjectStore<CertificateRenewalPolicy> policies, CertificateRenewalPolicy policy)
        => policies.ByIndex(PolicyIndexes.Secret, PolicyIndexes.SecretKey(policy.Metadata.Namespace!, policy.Spec.SecretName))
            .Where(p => p.Metadata.Uid != policy.Metadata.Uid && p.Metadata.DeletionTimestamp is null && IsOlder(p, policy))
            .Select(p => p.Metadata.Name)
            .Order(StringComparer.Ordinal)
            .FirstOrDefault();

    public static PolicyProblem Conflict(string secret, string writer)
        => new(PolicyReasons.SecretConflict, $"spec.secretName: Secret {secret} is already written by policy {writer}. Choose another name here, or delete that policy.");

    internal static bool IsOlder(CertificateRenewalPolicy a, CertificateRenewalPolicy b)
    {
        var created = Nullable.Compare(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp);
        return created != 0 ? created < 0 : string.CompareOrdinal(a.Metadata.Name, b.Metadata.Name) < 0;
    }
}
