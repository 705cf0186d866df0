using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Policies;

/// <summary>Fills a policy in with the defaults that the settings of its namespace have for its labels. Pure; nothing of it is written to the cluster.</summary>
public static class InheritedDefaults
{
    /// <summary>The policy itself where it inherits nothing. Filling in twice is the same as once.</summary>
    public static CertificateRenewalPolicy Fill(CertificateRenewalPolicy policy, CertificateRenewalSettings? settings)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var spec = policy.Spec;
        foreach (var defaults in settings?.Spec.Defaults ?? [])
        {
            spec = Fits(defaults.Selector, policy.Metadata.Labels) ? Fill(spec, defaults) : spec;
        }

        return ReferenceEquals(spec, policy.Spec) ? policy : new CertificateRenewalPolicy { Metadata = policy.Metadata, Spec = spec, Status = policy.Status };
    }

    /// <summary>Where the text of a field stands: in the policy, or in the entry of the settings that it is inherited from. For messages.</summary>
    /// <param name="policy">The policy, filled in or not.</param>
    /// <param name="settings">Those of its namespace.</param>
    /// <param name="name">The field's name, without "spec.".</param>
    /// <param name="own">The text in the policy.</param>
    /// <param name="inherited">The text in an entry of the settings.</param>
    public static string FieldOf(CertificateRenewalPolicy policy, CertificateRenewalSettings? settings, string name, Func<PolicySpec, string?> own, Func<PolicyDefaults, string?> inherited)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(inherited);
        var defaults = settings?.Spec.Defaults ?? [];
        for (var i = 0; i < defaults.Count; i++)
        {
            if (inherited(defaults[i]) is { } text && Fits(defaults[i].Selector, policy.Metadata.Labels))
            {
                return (own(policy.Spec) ?? text) == text ? $"CertificateRenewalSettings default, spec.defaults[{i}].{name}" : $"spec.{name}";
            }
        }

        return $"spec.{name}";
    }

    private static bool Fits(PolicyLabels? selector, Dictionary<string, string>? labels)
        => selector?.MatchLabels is not { } wanted || wanted.All(w => labels?.GetValueOrDefault(w.Key) == w.Value);

    private static PolicySpec Fill(PolicySpec spec, PolicyDefaults defaults)
        => spec with
        {
            Provider = spec.Provider ?? defaults.Provider,
            AllowedProviders = spec.AllowedProviders ?? defaults.AllowedProviders,
            Challenge = spec.Challenge ?? defaults.Challenge,
            KeyBackend = spec.KeyBackend ?? defaults.KeyBackend,
            KeyBackendConfig = spec.KeyBackendConfig ?? defaults.KeyBackendConfig,
            Key = spec.Key ?? defaults.Key,
            RenewBefore = spec.RenewBefore ?? (spec.RenewBeforePercentage is null ? defaults.RenewBefore : null),
            CooldownSeconds = spec.CooldownSeconds ?? defaults.CooldownSeconds,
        };
}
