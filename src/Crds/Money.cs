using CertOperator.Crds.Policies;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds;

/// <summary>An amount of money.</summary>
public sealed record Money
{
    /// <summary>Decimal, such as "0.75".</summary>
    [Required]
    public string Amount { get; init; } = "0";

    /// <summary>Currency as ISO 4217 has it.</summary>
    [Required]
    public string Currency { get; init; } = "USD";
}

/// <summary>What a certificate of a provider costs.</summary>
public sealed record CostEstimate
{
    /// <summary>Decimal, such as "0.75".</summary>
    [Required]
    public string Amount { get; init; } = "0";

    /// <summary>Currency as ISO 4217 has it.</summary>
    [Required]
    public string Currency { get; init; } = "USD";

    /// <summary>The provider that is asked.</summary>
    [Required]
    public CertificateProviderKind Provider { get; init; }
}
