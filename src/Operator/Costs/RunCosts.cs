using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Costs;

/// <summary>What one run costs. Pure.</summary>
public static class RunCosts
{
    /// <param name="resolved">What is asked for, of which provider.</param>
    /// <param name="policy">The policy, with what it inherits filled in.</param>
    /// <param name="settings">Those of its namespace.</param>
    /// <returns>Null where no price is known.</returns>
    public static CostEstimate? Estimate(ResolvedPolicy resolved, CertificateRenewalPolicy policy, CertificateRenewalSettings? settings)
    {
        ArgumentNullException.ThrowIfNull(resolved);
        ArgumentNullException.ThrowIfNull(policy);
        if (PriceList.Of(settings).Find(resolved.Provider, IsExportable(policy.Spec, settings)) is not { } price)
        {
            return null;
        }

        var money = PriceList.Money(price.Of(resolved.Names), price.Currency);
        return new CostEstimate { Amount = money.Amount, Currency = money.Currency, Provider = resolved.Provider };
    }

    /// <summary>Whether ACM is asked for a certificate whose key may leave it, which AWS charges for.</summary>
    public static bool IsExportable(PolicySpec spec, CertificateRenewalSettings? settings)
        => spec.ProviderConfig?.AwsAcm?.Exportable ?? settings?.Spec.Providers?.AwsAcm?.Exportable ?? false;
}
