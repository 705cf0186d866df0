using System.Globalization;
using System.Text;
using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Slo;

/// <summary>
/// A fleet over time and the alerts that fire then, for <c>promtool test rules</c>. Time begins at 0, so times of certificates are days
/// from there. Whatever a case does not change is well.
/// </summary>
internal sealed class RuleCase(TimeSpan length, int stepMinutes = 1)
{
    public const string Scheduler = "certoperator_scheduler_last_success_timestamp_seconds{job=\"certoperator\",namespace=\"certoperator-system\",instance=\"a\"}";

    private const int SecondsPerDay = 86_400;

    private readonly Dictionary<string, string> _series = new(StringComparer.Ordinal);
    private readonly StringBuilder _expected = new();

    /// <summary>The rules; the fleet's, unless a case has others.</summary>
    public IReadOnlyList<IReadOnlyList<RuleGroup>> Rules { get; init; } = [SloRules.Build(SloObjectives.Default, RuleScope.Fleet)];

    private int Steps => (int)(length.TotalMinutes / stepMinutes);

    /// <summary>A policy whose certificate is valid between two days, is due at a third, and is served where it should be.</summary>
    public RuleCase Policy(string name, double begins = -30, double due = 30, double ends = 60, bool automatic = true, string provider = "letsencrypt", string ns = "shop", string instance = "a", bool scheduled = true)
    {
        var policy = $"namespace=\"{ns}\",policy=\"{name}\",instance=\"{instance}\"";
        var certificate = $"{policy},hostname=\"{name}.example.com\",provider=\"{provider}\"";
        Always($"certoperator_certificate_not_before_timestamp_seconds{{{certificate}}}", begins * SecondsPerDay);
        Always($"certoperator_certificate_not_after_timestamp_seconds{{{certificate}}}", ends * SecondsPerDay);
        if (scheduled)
        {
            Always($"certoperator_certificate_renewal_timestamp_seconds{{{certificate}}}", due * SecondsPerDay);
        }

        Always($"certoperator_policy_automatic_renewal{{{policy}}}", automatic ? 1 : 0);
        Always($"certoperator_policy_consecutive_failures{{{policy},provider=\"{provider}\"}}", 0);
        return Always($"certoperator_endpoint_served_match{{{policy},endpoint=\"{name}.example.com:443\"}}", 1);
    }

    /// <summary>A certificate that no policy manages, valid between two days; told by one replica until some minute.</summary>
    public RuleCase Unmanaged(string secret, double begins = -30, double ends = 60, string renewedBy = "nobody", string ns = "legacy", string instance = "a", int? until = null)
    {
        var labels = $"namespace=\"{ns}\",secret=\"{secret}\",hostname=\"{secret}.example.com\",renewed_by=\"{renewedBy}\",instance=\"{instance}\"";
        var gone = until is { } minute ? string.Create(CultureInfo.InvariantCulture, $" _x{Steps - (minute / stepMinutes)}") : "";
        var steps = (until ?? (int)length.TotalMinutes) / stepMinutes;
        Series($"certoperator_unmanaged_certificate_not_before_timestamp_seconds{{{labels}}}", string.Create(CultureInfo.InvariantCulture, $"{begins * SecondsPerDay:0}x{steps}{gone}"));
        return Series($"certoperator_unmanaged_certificate_not_after_timestamp_seconds{{{labels}}}", string.Create(CultureInfo.InvariantCulture, $"{ends * SecondsPerDay:0}x{steps}{gone}"));
    }

    /// <summary>When a replica last saw all Secrets, and how many of its looks have failed, as series of promtool.</summary>
    public RuleCase Inventory(string instance, string success, string errors)
    {
        var labels = $"job=\"certoperator\",namespace=\"certoperator-system\",instance=\"{instance}\"";
        Series($"certoperator_inventory_last_success_timestamp_seconds{{{labels}}}", success);
        return Series($"certoperator_inventory_errors_total{{{labels}}}", errors);
    }

    public RuleCase Policies(int count, string prefix = "web-", string provider = "letsencrypt", string ns = "shop", string instance = "a")
    {
        for (var i = 1; i <= count; i++)
        {
            Policy(string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}"), provider: provider, ns: ns, instance: instance);
        }

        return this;
    }

    /// <summary>From some minute on, or up to another, an endpoint serves something else.</summary>
    public RuleCase ServesAnother(string name, int from, int? until = null, string ns = "shop", string instance = "a")
        => Change($"certoperator_endpoint_served_match{{namespace=\"{ns}\",policy=\"{name}\",instance=\"{instance}\",endpoint=\"{name}.example.com:443\"}}", 1, 0, from, until);

    /// <summary>From some minute on, or up to another, so many runs have failed in a row.</summary>
    public RuleCase Fails(string name, int runs, int from, int? until = null, string provider = "letsencrypt", string ns = "shop")
        => Change($"certoperator_policy_consecutive_failures{{namespace=\"{ns}\",policy=\"{name}\",instance=\"a\",provider=\"{provider}\"}}", 0, runs, from, until);

    public RuleCase Series(string series, string values)
    {
        _series[series] = values;
        return this;
    }

    /// <summary>After so many minutes exactly these alerts fire.</summary>
    /// <param name="minute">Of the case.</param>
    /// <param name="alerts">"severity name", with "* count" behind where there are several.</param>
    public RuleCase Expect(int minute, params string[] alerts)
    {
        _expected.Append(CultureInfo.InvariantCulture, $$"""
                  - expr: count by (alertname, severity) (ALERTS{alertstate="firing"})
                    eval_time: {{minute}}m
                    exp_samples:{{(alerts is [] ? " []" : "")}}

            """);
        foreach (var alert in alerts)
        {
            var words = alert.Split(' ');
            _expected.Append(CultureInfo.InvariantCulture, $$"""
                        - labels: '{alertname="{{words[1]}}",severity="{{words[0]}}"}'
                          value: {{(words.Length > 2 ? words[3] : "1")}}

                """);
        }

        return this;
    }

    /// <summary>Samples that an expression has after so many minutes: labels and a value each.</summary>
    public RuleCase ExpectSamples(int minute, string expression, params (string Labels, double Value)[] samples)
    {
        _expected.Append(CultureInfo.InvariantCulture, $$"""
                  - expr: '{{expression}}'
                    eval_time: {{minute}}m
                    exp_samples:{{(samples is [] ? " []" : "")}}

            """);
        foreach (var (labels, value) in samples)
        {
            _expected.Append(CultureInfo.InvariantCulture, $$"""
                        - labels: '{{labels}}'
                          value: {{value}}

                """);
        }

        return this;
    }

    public async Task RunAsync()
    {
        using var directory = new TemporaryDirectory();
        foreach (var (rules, i) in Rules.Select((r, i) => (r, i)))
        {
            await using var file = new StreamWriter(directory.File($"rules-{i}.yml"));
            RulesYaml.Write(rules, file);
        }

        await File.WriteAllTextAsync(directory.File("case.yml"), Text());
        var result = await ToolProcess.RunAsync("promtool", ["test", "rules", directory.File("case.yml")], new ToolOptions { AllowFailure = true });

        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
    }

    private RuleCase Always(string series, double value) => Series(series, string.Create(CultureInfo.InvariantCulture, $"{value:0}x{Steps}"));

    private RuleCase Change(string series, int before, int after, int from, int? until)
    {
        if (!_series.ContainsKey(series))
        {
            throw new ArgumentException($"The case has no {series}.", nameof(series));
        }

        var (first, last) = (from / stepMinutes, (until ?? length.TotalMinutes) / stepMinutes);
        return Series(series, string.Create(CultureInfo.InvariantCulture, $"{before}x{first - 1} {after}x{last - first} {before}x{Steps - last}"));
    }

    private string Text()
    {
        _series.TryAdd(Scheduler, string.Create(CultureInfo.InvariantCulture, $"0+{stepMinutes * 60}x{Steps}"));
        var series = string.Concat(_series.Select(s => $"""
                  - series: '{s.Key}'
                    values: '{s.Value}'

            """));
        var files = string.Join(", ", Rules.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"rules-{i}.yml")));

        // Without it promtool evaluates the groups of a step in another order each time, and what one records the next may not see yet.
        var order = string.Join(", ", Rules.SelectMany(r => r).Select(g => g.Name).Distinct());
        return string.Create(CultureInfo.InvariantCulture, $"""
            rule_files: [{files}]
            evaluation_interval: {stepMinutes}m
            group_eval_order: [{order}]
            tests:
              - interval: {stepMinutes}m
                input_series:
            {series}
                promql_expr_test:
            {_expected}
            """);
    }
}
