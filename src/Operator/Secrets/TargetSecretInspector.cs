using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>Says what stands in the Secret that a policy writes, and whether it may be written. Pure.</summary>
public static class TargetSecretInspector
{
    /// <param name="secret">The Secret; null where there is none.</param>
    /// <param name="owner">The policy that asks.</param>
    /// <param name="policy">What it wants.</param>
    /// <param name="authority">Who says that the Secret holds the key pair of a CA; null where nobody does.</param>
    /// <param name="policyExists">Whether a policy of that name is in the same namespace.</param>
    public static SecretFinding Inspect(Secret? secret, CertificateRenewalPolicy owner, ResolvedPolicy policy, string? authority, Func<string, bool> policyExists)
    {
        var annotations = secret?.Metadata.Annotations;
        if (annotations?.ContainsKey(WellKnown.PrivateRoot) == true)
        {
            return Authority(policy.SecretName, "holds the key pair of a CA that the operator looks after");
        }

        // What this policy has written is no CA, whoever takes it for one.
        if (authority is not null && annotations?.GetValueOrDefault(WellKnown.SecretPolicy) != owner.Metadata.Name)
        {
            return Authority(policy.SecretName, $"is named as that of a CA in {authority}");
        }

        if (secret is null)
        {
            return new SecretFinding.Absent();
        }

        if (Refusal(secret, owner, TypeOf(policy), policyExists) is { } refusal)
        {
            return refusal;
        }

        switch (policy.KeyStays ? TlsSecretContents.ParseReferenced(secret.Data ?? []) : TlsSecretContents.Parse(secret.Data ?? []))
        {
            case TlsSecretContents.Pair pair:
                var mine = secret.Metadata.Annotations?.GetValueOrDefault(WellKnown.SecretPolicy) == owner.Metadata.Name;
                var certificate = CertificateSummaries.From(pair.Facts);
                return new SecretFinding.Present(certificate)
                {
                    IsOwn = mine && secret.Metadata.Annotations!.GetValueOrDefault(WellKnown.SecretPolicyUid) == owner.Metadata.Uid
                        && secret.Metadata.Annotations!.GetValueOrDefault(WellKnown.SecretFingerprint) == certificate.Fingerprint,
                    IssuedFrom = mine ? secret.Metadata.Annotations!.GetValueOrDefault(WellKnown.SecretServer) : null,
                    TakenOver = mine && secret.Metadata.Annotations!.ContainsKey(WellKnown.SecretTakenOverFrom),
                    KeyAlgorithm = pair.Algorithm == KeyAlgorithm.Ecdsa ? PrivateKeyAlgorithm.Ecdsa : PrivateKeyAlgorithm.Rsa,
                    KeySize = pair.KeySize,
                    KeyBackend = mine ? secret.Metadata.Annotations!.GetValueOrDefault(WellKnown.SecretKeyBackend) : null,
                    UpToDate = Holds(secret.Metadata.Labels, policy.Template.Labels)
                        && Holds(secret.Metadata.Annotations, policy.Template.Annotations)
                        && SecretOutputNames.Of(policy.Outputs).All(k => secret.Data!.ContainsKey(k)),
                    Leftovers = SecretLeftovers.In(secret, policy.Outputs),
                };

            case TlsSecretContents.Defective defective:
                return new SecretFinding.Defective(defective.Reason, $"Secret {policy.SecretName}: {defective.Message}") { Leftovers = SecretLeftovers.In(secret, policy.Outputs) };

            case var unknown:
                throw new InvalidOperationException($"Unknown contents {unknown.GetType().Name}.");
        }
    }

    /// <summary>A kubernetes.io/tls Secret must hold a key.</summary>
    public static string TypeOf(ResolvedPolicy policy) => policy.KeyStays ? WellKnown.CertificateSecretType : WellKnown.TlsSecretType;

    private static SecretFinding.Untouchable? Refusal(Secret secret, CertificateRenewalPolicy owner, string type, Func<string, bool> policyExists)
    {
        var name = secret.Metadata.Name;
        if (secret.Type != type)
        {
            return new SecretFinding.Untouchable(
                PolicyReasons.SecretWrongType,
                $"spec.secretName: Secret {name} has type {secret.Type}, and a Secret's type cannot be changed. Delete it, or choose another name; type {type} is needed{(type == WellKnown.TlsSecretType ? "" : ", since the private key is kept elsewhere")}.");
        }

        if (secret.Immutable == true)
        {
            return new SecretFinding.Untouchable(PolicyReasons.SecretImmutable, $"spec.secretName: Secret {name} is immutable. Delete it, or choose another name.");
        }

        if (secret.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true) is { } controller)
        {
            return Foreign(name, $"{controller.Kind} {controller.Name}");
        }

        var annotations = secret.Metadata.Annotations;
        if (annotations?.GetValueOrDefault(WellKnown.CertManagerCertificate) is { } certificate)
        {
            return Foreign(name, $"cert-manager's Certificate {certificate}");
        }

        if (annotations?.GetValueOrDefault(WellKnown.SecretPolicy) is { } policy && policy != owner.Metadata.Name && policyExists(policy))
        {
            return Foreign(name, $"policy {policy}");
        }

        return secret.Metadata.Labels?.GetValueOrDefault(WellKnown.ManagedByLabel) is { } manager && manager != WellKnown.ManagedByValue
            ? Foreign(name, manager)
            : null;
    }

    private static SecretFinding.Untouchable Authority(string name, string why)
        => new(PolicyReasons.SecretForeign, $"spec.secretName: Secret {name} {why}, and a certificate there would overwrite its key. Choose another name.");

    private static SecretFinding.Untouchable Foreign(string name, string owner)
        => new(PolicyReasons.SecretForeign, $"spec.secretName: Secret {name} belongs to {owner}. Choose another name, or take the Secret away from its owner first.");

    private static bool Holds(Dictionary<string, string>? actual, IReadOnlyDictionary<string, string>? wanted)
        => wanted is null || wanted.All(w => actual?.GetValueOrDefault(w.Key) == w.Value);
}
