using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Pacing;

/// <summary>A number of events in a moving window.</summary>
/// <param name="Count">At most this many.</param>
/// <param name="Window">In any span of this length.</param>
/// <param name="CountsRenewals">False where a certificate for the same names as the one before it is free.</param>
public sealed record IssuanceLimit(int Count, TimeSpan Window, bool CountsRenewals = true);

/// <summary>What a CA may be asked for; null where nothing limits it.</summary>
public sealed record IssuanceLimits(IssuanceLimit? OrdersPerAccount, IssuanceLimit? PerDomain, IssuanceLimit? PerNames, IssuanceLimit? FailedValidations)
{
    private const string LetsEncryptDomain = ".api.letsencrypt.org";

    /// <summary>https://letsencrypt.org/docs/rate-limits/</summary>
    private static readonly IssuanceLimits LetsEncrypt = new(
        new IssuanceLimit(300, TimeSpan.FromHours(3)),
        new IssuanceLimit(50, TimeSpan.FromDays(7), CountsRenewals: false),
        new IssuanceLimit(5, TimeSpan.FromDays(7)),
        new IssuanceLimit(5, TimeSpan.FromHours(1)));

    private static readonly IssuanceLimits Unlimited = new(null, null, null, null);

    public bool IsUnlimited => this == Unlimited;

    /// <summary>The namespace's budgets before what is known of the CA. Its staging server has limits that nobody meets.</summary>
    public static IssuanceLimits For(Uri server, BudgetsConfig? budgets)
    {
        ArgumentNullException.ThrowIfNull(server);
        var known = server.Host.EndsWith(LetsEncryptDomain, StringComparison.OrdinalIgnoreCase) && !server.Host.Contains("staging", StringComparison.OrdinalIgnoreCase) ? LetsEncrypt : Unlimited;
        return budgets is null
            ? known
            : new IssuanceLimits(
                Of(budgets.OrdersPerAccount) ?? known.OrdersPerAccount,
                Of(budgets.CertificatesPerDomain) ?? known.PerDomain,
                Of(budgets.CertificatesPerNames) ?? known.PerNames,
                Of(budgets.FailedValidationsPerHostname) ?? known.FailedValidations);
    }

    private static IssuanceLimit? Of(Budget? budget) => budget is null ? null : new IssuanceLimit(budget.Limit, TimeSpan.FromSeconds(budget.WindowSeconds));
}
