using CertOperator.Crds.Policies;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>What one certificate of a provider costs here, in place of the published price. All entries name the same currency.</summary>
public sealed record ProviderCost
{
    /// <summary>An amount of money: decimal, a point, up to four places.</summary>
    public const string AmountPattern = @"^[0-9]{1,9}(\.[0-9]{1,4})?$";

    public const string CurrencyPattern = "^[A-Z]{3}$";

    /// <summary>The provider.</summary>
    [Required]
    public CertificateProviderKind Provider { get; init; }

    /// <summary>Price of each certificate, such as "0.75", whatever names it holds. Default: 0.</summary>
    [Pattern(AmountPattern)]
    public string? PerIssuance { get; init; }

    /// <summary>Price of each name in a certificate, in addition. Default: 0.</summary>
    [Pattern(AmountPattern)]
    public string? PerName { get; init; }

    /// <summary>Price of each wildcard name, in place of perName. Default: that of perName.</summary>
    [Pattern(AmountPattern)]
    public string? PerWildcard { get; init; }

    /// <summary>Currency as ISO 4217 has it. Default: USD.</summary>
    [Pattern(CurrencyPattern)]
    public string? Currency { get; init; }
}
