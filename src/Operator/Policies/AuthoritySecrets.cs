using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Policies;

/// <summary>Secrets with the key pair of a CA: no certificate may be written there.</summary>
public static class AuthoritySecrets
{
    /// <summary>Values under which a policy is found by the CA that it names.</summary>
    public static IEnumerable<string> IndexOf(CertificateRenewalPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Spec.ProviderConfig?.PrivateCa?.SecretName is { } secret ? [PolicyIndexes.SecretKey(policy.Metadata.Namespace!, secret)] : [];
    }

    /// <returns>Who says that the Secret holds a CA; null where nobody does.</returns>
    public static string? NamedBy(ResourceStores stores, string @namespace, string secret)
    {
        ArgumentNullException.ThrowIfNull(stores);
        return stores.SettingsOf(@namespace)?.Spec.Providers?.PrivateCa?.SecretName == secret
            ? $"spec.providers.privateCa.secretName of CertificateRenewalSettings {CertificateRenewalSettings.DefaultName}"
            : stores.Policies.ByIndex(PolicyIndexes.Authority, PolicyIndexes.SecretKey(@namespace, secret)).Select(p => p.Metadata.Name).Order(StringComparer.Ordinal).FirstOrDefault() is { } policy
                ? $"spec.providerConfig.privateCa.secretName of policy {policy}"
                : null;
    }
}
