using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies.Issuers;

namespace CertOperator.Operator.Policies;

/// <summary>Where a policy's private keys are made and kept. Pure.</summary>
public static class KeyBackendResolver
{
    /// <summary>Whether a renewal makes a new key where the policy does not say: KMS rotates no signing key.</summary>
    public static KeyRotation DefaultRotationOf(ResolvedKeyBackend? backend) => backend is ResolvedAwsKms ? KeyRotation.Never : KeyRotation.Always;

    /// <returns>Null for keys that the operator makes, and for what is wrong.</returns>
    public static ResolvedKeyBackend? Resolve(CertificateRenewalPolicy policy, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(invalid);
        switch (policy.Spec.KeyBackend ?? KeyBackendKind.Local)
        {
            case KeyBackendKind.Local:
                return null;

            case KeyBackendKind.AwsKms:
                return AwsRules.ResolveKms(policy.Spec, invalid);

            case KeyBackendKind.Vault:
                return VaultKeyResolver.Resolve(policy, invalid);

            case var unknown:
                invalid($"spec.keyBackend: this version of the operator knows no key backend {unknown}. Choose another one, or update the operator.");
                return null;
        }
    }
}
