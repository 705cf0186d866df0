using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Inventory;

/// <summary>Whether the certificate in a Secret is already spoken of by the status of a policy. Pure: it reads caches alone.</summary>
public static class SecretManagement
{
    /// <summary>
    /// A policy that may not write the Secret that it names, and so knows of no certificate, does not see to what is in there. What the
    /// operator has written for a policy that is gone is nobody's.
    /// </summary>
    public static bool IsManaged(ObjectMeta secret, ResourceStores stores)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(stores);
        var (@namespace, name) = (secret.Namespace!, secret.Name);
        return HasPolicy(stores, @namespace, name)
            || (secret.Annotations?.GetValueOrDefault(WellKnown.SecretPolicyUid) is { Length: > 0 } uid && stores.Policies.ByIndex(PolicyIndexes.Secret, PolicyIndexes.SecretKey(@namespace, name)).Any(p => p.Metadata.Uid == uid))
            || (secret.Annotations?.ContainsKey(WellKnown.PrivateRoot) == true && AuthoritySecrets.NamedBy(stores, @namespace, name) is not null);
    }

    /// <summary>Whether a policy tells when the certificate in that Secret ends.</summary>
    public static bool HasPolicy(ResourceStores stores, string @namespace, string secret)
    {
        ArgumentNullException.ThrowIfNull(stores);
        return stores.Policies.ByIndex(PolicyIndexes.Secret, PolicyIndexes.SecretKey(@namespace, secret)).Any(p => p.Status?.NotAfter is not null);
    }
}
