using System.Globalization;
using System.Text.RegularExpressions;

namespace CertOperator.Operator.Slo;

/// <summary>
/// The rules as the Helm chart has them: with a placeholder for each number that follows from one of its values, which its template fills.
/// No rule has to know of that: they are built of objectives whose numbers stand nowhere else, and those are replaced. Pure.
/// </summary>
public static class ChartRules
{
    /// <summary>What the file says of itself.</summary>
    public const string Note = "# Placeholders __NAME__ are filled by templates/_slo.tpl.\n";

    private const decimal Freshness = 0.010101m;
    private const decimal Served = 0.010203m;
    private const decimal Renewal = 0.010307m;

    private static readonly SloObjectives Marked = new()
    {
        Freshness = 1 - Freshness,
        Served = 1 - Served,
        Renewal = 1 - Renewal,
        OverdueBelow = 0.010409m,
        ExpiringBelow = 0.010513m,
        WarningDays = 401,
        CriticalDays = 403,
        RunbookUrl = $"__runbook_{SloObjectives.AlertPlaceholder}__",
    };

    /// <summary>Each placeholder, without the underscores, and the number in its place.</summary>
    internal static IReadOnlyDictionary<string, string> Placeholders { get; } = new Dictionary<string, string>(
        new[] { ("freshness", Freshness), ("served", Served), ("renewal", Renewal) }
            .SelectMany(b => new[] { BurnRules.FastBurn, BurnRules.SlowBurn, 1 }
                .Select(rate => KeyValuePair.Create($"burn_{b.Item1}_{Number(rate)}", Number(rate * b.Item2)))
                .Append(KeyValuePair.Create($"budget_{b.Item1}", Number(b.Item2 * 100))))
            .Append(KeyValuePair.Create("overdue", Number(Marked.OverdueBelow)))
            .Append(KeyValuePair.Create("expiring", Number(Marked.ExpiringBelow)))
            .Append(KeyValuePair.Create("warning_seconds", Number(Marked.WarningDays * CertificateRules.SecondsPerDay)))
            .Append(KeyValuePair.Create("critical_seconds", Number(Marked.CriticalDays * CertificateRules.SecondsPerDay))));

    public static IReadOnlyList<RuleGroup> Build()
        => [.. SloRules.Build(Marked, RuleScope.Fleet).Select(g => g with { Rules = [.. g.Rules.Select(Filled)] })];

    private static PrometheusRuleEntry Filled(PrometheusRuleEntry rule) => rule switch
    {
        AlertingRule alert => alert with { Expression = Filled(alert.Expression), Annotations = [.. alert.Annotations.Select(a => KeyValuePair.Create(a.Key, Filled(a.Value)))] },
        _ => rule with { Expression = Filled(rule.Expression) },
    };

    private static string Filled(string text)
        => Placeholders.Aggregate(text, (t, p) => Regex.Replace(t, $@"(?<![\d.]){Regex.Escape(p.Value)}(?!\d)", $"__{p.Key}__", RegexOptions.CultureInvariant));

    private static string Number(decimal value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
