using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Policies;

/// <summary>Whether the operator renews a policy's certificate without being asked. Pure.</summary>
public static class AutomaticRenewal
{
    /// <summary>What stands against it, in a word or two; null where nothing does.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="provider">Its provider, with what it inherits.</param>
    public static string? Obstacle(CertificateRenewalPolicy policy, CertificateProviderKind provider)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Spec.Suspend == true ? "suspended"
            : policy.Spec.DryRunDefault == true ? "only rehearses"
            : provider == CertificateProviderKind.Manual ? "provider manual"
            : policy.Status is { } status && PolicyRollback.Held(status) is not null ? "rolled back"
            : null;
    }
}
