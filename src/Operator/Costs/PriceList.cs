using System.Globalization;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Costs;

/// <summary>The prices that hold in a namespace: those of its settings before the published ones.</summary>
public sealed class PriceList
{
    private const string DefaultCurrency = "USD";

    /// <summary>Only published prices.</summary>
    public static readonly PriceList Published = new([]);

    private readonly Dictionary<CertificateProviderKind, Price> _own = [];

    private PriceList(IReadOnlyList<ProviderCost> costs)
    {
        foreach (var cost in costs)
        {
            var perName = Parse(cost.PerName) ?? 0;
            _own.TryAdd(cost.Provider, new Price(Parse(cost.PerIssuance) ?? 0, perName, Parse(cost.PerWildcard) ?? perName, cost.Currency ?? DefaultCurrency, "CertificateRenewalSettings default", null));
        }

        Currency = _own.Values.FirstOrDefault()?.Currency ?? DefaultCurrency;
    }

    /// <summary>The currency in which prices are compared.</summary>
    public string Currency { get; }

    public static PriceList Of(CertificateRenewalSettings? settings) => settings?.Spec.Costs is { Count: > 0 } costs ? new PriceList(costs) : Published;

    /// <summary>The price of a provider in the currency of the list; null where none is known in it.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="exportable">Whether the key may leave a provider that makes it.</param>
    public Price? Find(CertificateProviderKind provider, bool exportable)
    {
        var price = _own.GetValueOrDefault(provider) ?? PublishedPrices.Of(provider, exportable);
        return price.Currency == Currency ? price : price.IsFree ? price with { Currency = Currency } : null;
    }

    /// <summary>What is wrong with the costs in the settings; each one with its field.</summary>
    public static void Check(CertificateRenewalSettings? settings, Action<string> invalid)
    {
        var costs = settings?.Spec.Costs ?? [];
        for (var i = 0; i < costs.Count; i++)
        {
            foreach (var (field, amount) in new[] { ("perIssuance", costs[i].PerIssuance), ("perName", costs[i].PerName), ("perWildcard", costs[i].PerWildcard) })
            {
                if (amount is not null && Parse(amount) is null)
                {
                    invalid($"CertificateRenewalSettings default, spec.costs[{i}].{field}: \"{amount}\" is no amount. Write it as 0.75.");
                }
            }
        }

        var currencies = costs.Select(c => c.Currency ?? DefaultCurrency).Distinct(StringComparer.Ordinal).ToList();
        if (currencies.Count > 1)
        {
            invalid($"CertificateRenewalSettings default, spec.costs: prices in {string.Join(" and ", currencies)} cannot be compared. Give all of them in one currency.");
        }
    }

    public static Money Money(decimal amount, string currency) => new() { Amount = amount.ToString("0.####", CultureInfo.InvariantCulture), Currency = currency };

    public static decimal? Parse(string? amount)
        => decimal.TryParse(amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;

    /// <summary>Sums per currency, in the order of the currencies' names.</summary>
    public static IReadOnlyList<Money> Sum(IEnumerable<Money> amounts)
        => [.. amounts.GroupBy(m => m.Currency, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Money(g.Sum(m => Parse(m.Amount) ?? 0), g.Key))];
}
