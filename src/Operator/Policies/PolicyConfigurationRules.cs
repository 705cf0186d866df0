using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Policies;

/// <summary>
/// Keeps to the settings what decides where Secrets of the namespace are sent: whoever may write policies and no Secrets could otherwise
/// have the operator hand any of them to a server of their own. Pure.
/// </summary>
public static class PolicyConfigurationRules
{
    /// <param name="spec">The policy's own, without what it inherits.</param>
    /// <param name="settings">Those of its namespace.</param>
    /// <param name="invalid">Takes what is wrong.</param>
    public static void Check(PolicySpec spec, CertificateRenewalSettings? settings, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(invalid);
        if (settings?.Spec.PolicyConfiguration is not PolicyConfiguration.Denied)
        {
            return;
        }

        Refuse(spec.ProviderConfig is not null, "providerConfig", "spec.providers");
        Refuse(spec.KeyBackend is not null, "keyBackend", "spec.defaults[].keyBackend");
        Refuse(spec.KeyBackendConfig is { Vault: not null } or { AwsKms: not null }, "keyBackendConfig", "spec.defaults[].keyBackendConfig");
        Refuse(spec.Deploy?.Targets is { Count: > 0 }, "deploy.targets", null);
        Refuse(spec.Deploy?.Webhooks is { Count: > 0 }, "deploy.webhooks", null);

        void Refuse(bool present, string field, string? instead)
        {
            if (present)
            {
                invalid($"spec.{field} is refused here: CertificateRenewalSettings default has policyConfiguration: Denied. Take it out{(instead is null ? ", or have whoever writes the settings allow it." : $"; whoever writes the settings can put it into {instead} there.")}");
            }
        }
    }
}
