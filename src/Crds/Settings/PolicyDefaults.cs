using CertOperator.Crds.Policies;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>What policies with certain labels take where they say nothing themselves. Their spec is not written.</summary>
public sealed record PolicyDefaults
{
    /// <summary>For which policies. Default: for all.</summary>
    public PolicyLabels? Selector { get; init; }

    /// <summary>Default for spec.provider.</summary>
    public CertificateProviderKind? Provider { get; init; }

    /// <summary>Default for spec.allowedProviders.</summary>
    [Items(0, 10)]
    public IReadOnlyList<CertificateProviderKind>? AllowedProviders { get; init; }

    /// <summary>Default for spec.challenge.</summary>
    public ChallengeKind? Challenge { get; init; }

    /// <summary>Default for spec.keyBackend.</summary>
    public KeyBackendKind? KeyBackend { get; init; }

    /// <summary>Default for spec.keyBackendConfig.</summary>
    public KeyBackendConfig? KeyBackendConfig { get; init; }

    /// <summary>Default for spec.key.</summary>
    public KeySpec? Key { get; init; }

    /// <summary>Default for spec.renewBefore; counts only where the policy has no renewBeforePercentage either.</summary>
    [Length(1, 32)]
    public string? RenewBefore { get; init; }

    /// <summary>Default for spec.cooldownSeconds.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(604800)]
    public int? CooldownSeconds { get; init; }
}

/// <summary>Labels that a policy has to carry, all of them.</summary>
public sealed record PolicyLabels
{
    [Items(1, 20)]
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }
}
