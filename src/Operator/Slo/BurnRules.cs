using System.Globalization;

namespace CertOperator.Operator.Slo;

/// <summary>
/// How fast the budgets of the objectives are spent, after chapter 5 of the SRE workbook. Renewals are too rare to be counted: what
/// is good or bad is the state at each evaluation. Pure.
/// </summary>
internal static class BurnRules
{
    private const string Error = "certoperator:sli_error:ratio";
    private const string Bad = "certoperator:sli_bad:count";

    /// <summary>2 % of the budget of 30 days in an hour.</summary>
    internal const decimal FastBurn = 14.4m;

    /// <summary>5 % of it in six hours.</summary>
    internal const decimal SlowBurn = 6m;

    /// <summary>One policy, however few there are, is for a ticket.</summary>
    private const int LeastBad = 2;

    /// <summary>For so long without a break. All servers may be behind for minutes after a renewal of everything; that mends itself.</summary>
    private const string Lasting = "[15m]";

    private static readonly string[] Windows = ["5m", "30m", "1h", "6h", "3d"];

    public static RuleGroup Build(SloObjectives objectives, RuleScope scope, bool operatorPages)
    {
        Indicator[] indicators =
        [
            new("freshness", objectives.Freshness, $"{scope.Metric(CertificateRules.WindowLeft)} < bool {objectives.OverdueBelow.ToString(CultureInfo.InvariantCulture)}",
                AlertNames.FreshnessFastBurn, AlertNames.FreshnessSlowBurn, "certificates", "are overdue for renewal"),
            new("served", objectives.Served, $"{scope.Metric(CertificateRules.Match)} == bool 0",
                AlertNames.ServedFastBurn, AlertNames.ServedSlowBurn, "endpoints", "serve another certificate than the one in the Secret")
            {
                // A cause that two endpoints of one policy share is one.
                BadPolicies = $"max by (namespace, policy) ({scope.Metric(CertificateRules.Match)} == bool 0)",
            },
            new("renewal", objectives.Renewal, $"{scope.Metric(CertificateRules.Failures)} > bool 0",
                AlertNames.RenewalFastBurn, AlertNames.RenewalSlowBurn, "policies", "could not be renewed when it was tried last")
            {
                // Every failed run has an incident of its own.
                Labels = operatorPages ? [CertificateRules.PagedByOperator] : [],
            },
        ];
        var records = indicators.SelectMany(i => new[]
        {
            new RecordingRule(Error, scope.Aggregate("avg", scope.Within(i.IsBad)), i.Label),
            new RecordingRule(Bad, scope.Aggregate("sum", scope.Within(i.BadPolicies ?? i.IsBad)), i.Label),
        });
        var averages = Windows.Select(w => new RecordingRule(Average(w), $"avg_over_time({scope.Aggregated(Error)}[{w}])"));
        return new RuleGroup("certoperator-slo", [.. records, .. averages, .. indicators.SelectMany(i => AlertsOf(i, objectives, scope))]);
    }

    private static IEnumerable<AlertingRule> AlertsOf(Indicator indicator, SloObjectives objectives, RuleScope scope)
    {
        var alerts = new Alerts(objectives);
        var budget = 1 - indicator.Objective;
        var where = scope.Namespace is null ? "" : " in namespace {{ $labels.namespace }}";
        var summary = $"{{{{ $value | humanizePercentage }}}} of the {indicator.Objects}{where} {indicator.What}";
        string Above(string window, decimal rate) => $"{scope.Aggregated(Average(window), indicator.Slo)} > {Number(rate * budget)}";

        yield return alerts.Page(
            indicator.Fast,
            $"""
            {Above("1h", FastBurn)}
            and {Above("5m", FastBurn)}
            and min_over_time({scope.Aggregated(Bad, indicator.Slo)}{Lasting}) >= {LeastBad}
            """,
            "2m",
            $"{summary}, on average over an hour",
            $"That spends the budget of 30 days ({Percent(budget)}) more than {Number(FastBurn)} times as fast as it may be spent: it is gone in two days.",
            indicator.Labels);
        yield return alerts.Ticket(
            indicator.Slow,
            $"""
            ({Above("6h", SlowBurn)} and {Above("30m", SlowBurn)})
            or ({Above("3d", 1)} and {Above("6h", 1)})
            """,
            "15m",
            $"{summary}, on average over hours or days",
            $"The budget of 30 days ({Percent(budget)}) will not last if that goes on.");
    }

    private static string Average(string window) => $"{Error}_avg{window}";

    private static string Percent(decimal share) => $"{Number(share * 100)} %";

    private static string Number(decimal value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    /// <param name="Slo">Value of the label.</param>
    /// <param name="Objective">The share that has to be good.</param>
    /// <param name="IsBad">1 for what is bad, 0 for what is good.</param>
    /// <param name="Fast">Name of the page.</param>
    /// <param name="Slow">Name of the ticket.</param>
    /// <param name="Objects">What it is a share of.</param>
    /// <param name="What">What is bad about them.</param>
    private sealed record Indicator(string Slo, decimal Objective, string IsBad, string Fast, string Slow, string Objects, string What)
    {
        public KeyValuePair<string, string> Label => KeyValuePair.Create("slo", Slo);

        /// <summary>The same for each policy, where there may be several for one; null where there is one.</summary>
        public string? BadPolicies { get; init; }

        /// <summary>Further labels of the page.</summary>
        public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];
    }
}
