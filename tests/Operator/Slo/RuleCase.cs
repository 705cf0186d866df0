using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Slo;

/// <summary>
/// A fleet over time and the alerts that fire then, for <c>promtool test rules</c>. Time begins at 0, so times of certificates are days
/// from there. Whatever a case does not change is well.
/// </summary>
internal sealed partial class RuleCase(TimeSpan length, int stepMinutes = 1)
{
    public const string Scheduler = "certoperator_scheduler_last_success_timestamp_seconds{job=\"certoperator\",namespace=\"certoperator-system\",instance=\"a\"}";

    private const int SecondsPerDay = 86_400;

    private readonly Dictionary<string, string> _series = new(StringComparer.Ordinal);
    private readonly StringBuilder _expected = new();
    private readonly StringBuilder _alerts = new();

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
        Always($"certoperator_endpoint_reachable{{{policy},endpoint=\"{name}.example.com:443\"}}", 1);
        return Always($"certoperator_endpoint_served_match{{{policy},endpoint=\"{name}.example.com:443\"}}", 1);
    }

    /// <summary>A certificate that no policy manages, valid between two days; told by one replica from some minute on, until another.</summary>
    public RuleCase Unmanaged(string secret, double begins = -30, double ends = 60, string renewedBy = "nobody", string ns = "legacy", string instance = "a", int from = 0, int? until = null, string? hostname = null)
    {
        var labels = $"namespace=\"{ns}\",secret=\"{secret}\",hostname=\"{hostname ?? $"{secret}.example.com"}\",renewed_by=\"{renewedBy}\",instance=\"{instance}\"";
        foreach (var (edge, day) in new[] { ("before", begins), ("after", ends) })
        {
            var series = $"certoperator_unmanaged_certificate_not_{edge}_timestamp_seconds{{{labels}}}";
            Always(series, day * SecondsPerDay);
            Series(series, Only(Samples(_series[series]), from));
            if (until is { } minute)
            {
                Away(series, minute + 1, null);
            }
        }

        return this;
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

    /// <summary>Between two minutes a policy cannot be carried out.</summary>
    public RuleCase Stalled(string name, string reason, int from, int until, string ns = "shop")
        => Series($"certoperator_policy_stalled{{namespace=\"{ns}\",policy=\"{name}\",instance=\"a\",reason=\"{reason}\"}}", string.Create(CultureInfo.InvariantCulture, $"_x{from / stepMinutes} 1x{(until - from) / stepMinutes} _x{Steps - (until / stepMinutes)}"));

    /// <summary>From some minute on, or up to another, an endpoint serves something else.</summary>
    public RuleCase ServesAnother(string name, int from, int? until = null, string ns = "shop", string instance = "a")
        => Change(EndpointSeries("served_match", name, ns, instance), 1, 0, from, until);

    /// <summary>From some minute on, or up to another, an endpoint does not answer, and what it serves is not known.</summary>
    public RuleCase Silent(string name, int from, int? until = null, string ns = "shop", string instance = "a")
        => Change(EndpointSeries("reachable", name, ns, instance), 1, 0, from, until).Away(EndpointSeries("served_match", name, ns, instance), from, until);

    /// <summary>A policy is gone, or nobody tells of it, from some minute on or up to another.</summary>
    public RuleCase Gone(string name, int from, int? until = null, string instance = "a")
    {
        foreach (var series in _series.Keys.Where(s => s.Contains($"policy=\"{name}\",instance=\"{instance}\"", StringComparison.Ordinal)).ToList())
        {
            Away(series, from, until);
        }

        return this;
    }

    /// <summary>A policy that has never had a certificate.</summary>
    public RuleCase New(string name, bool automatic = true)
    {
        Policy(name, automatic: automatic);
        foreach (var series in _series.Keys.Where(s => s.Contains($"policy=\"{name}\"", StringComparison.Ordinal) && (s.StartsWith("certoperator_certificate_", StringComparison.Ordinal) || s.StartsWith("certoperator_endpoint_", StringComparison.Ordinal))).ToList())
        {
            _series.Remove(series);
        }

        return this;
    }

    /// <summary>From some minute on a policy has another provider.</summary>
    public RuleCase Moves(string name, string provider, int from)
    {
        foreach (var series in _series.Keys.Where(s => s.Contains($"policy=\"{name}\"", StringComparison.Ordinal) && s.Contains("provider=", StringComparison.Ordinal)).ToList())
        {
            _series[Provider().Replace(series, $"provider=\"{provider}\"")] = Only(Samples(_series[series]), from);
            Away(series, from, null);
        }

        return this;
    }

    /// <summary>Between two minutes the operator is not scraped: there is nothing of what the case has by then.</summary>
    public RuleCase Unscraped(int from, int until)
    {
        _series.TryAdd(Scheduler, Ticking);
        foreach (var series in _series.Keys.ToList())
        {
            Away(series, from, until);
        }

        return this;
    }

    /// <summary>From some minute on the operator renews no more by itself.</summary>
    public RuleCase Suspended(string name, int from)
        => Change($"certoperator_policy_automatic_renewal{{namespace=\"shop\",policy=\"{name}\",instance=\"a\"}}", 1, 0, from, null);

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

    /// <summary>The whole of the one alert of a name that fires after so many minutes, as YAML.</summary>
    public RuleCase ExpectAlert(int minute, string alert, string labels, string annotations)
    {
        _alerts.Append(CultureInfo.InvariantCulture, $$"""
                  - alertname: {{alert}}
                    eval_time: {{minute}}m
                    exp_alerts: [{ exp_labels: {{labels}}, exp_annotations: {{annotations}} }]

            """);
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

    private string Ticking => string.Create(CultureInfo.InvariantCulture, $"0+{stepMinutes * 60}x{Steps}");

    private static string EndpointSeries(string metric, string name, string ns, string instance)
        => $"certoperator_endpoint_{metric}{{namespace=\"{ns}\",policy=\"{name}\",instance=\"{instance}\",endpoint=\"{name}.example.com:443\"}}";

    /// <summary>As Prometheus notes it: a series that a scrape does not have any more is over at once.</summary>
    private RuleCase Away(string series, int from, int? until)
    {
        var samples = Samples(_series[series]);
        var last = Math.Min((int)((until ?? length.TotalMinutes + stepMinutes) / stepMinutes), samples.Count);
        for (var i = from / stepMinutes; i < last; i++)
        {
            samples[i] = i == from / stepMinutes ? "stale" : "_";
        }

        return Series(series, string.Join(' ', samples));
    }

    private string Only(List<string> samples, int from) => string.Join(' ', samples.Select((s, i) => i < from / stepMinutes ? "_" : s));

    /// <summary>One for each step of what promtool reads as <c>1x3 0+60x2 _x5</c>.</summary>
    private static List<string> Samples(string values)
        => [.. values.Split(' ').SelectMany(v => Run().Match(v) is { Success: true } run ? Expand(run) : [v])];

    private static IEnumerable<string> Expand(Match run)
    {
        var count = int.Parse(run.Groups["count"].Value, CultureInfo.InvariantCulture);
        if (run.Groups["first"].Value == "_")
        {
            return Enumerable.Repeat("_", count);
        }

        var (first, step) = (decimal.Parse(run.Groups["first"].Value, CultureInfo.InvariantCulture), run.Groups["step"] is { Success: true } s ? decimal.Parse(s.Value, CultureInfo.InvariantCulture) : 0);
        return Enumerable.Range(0, count + 1).Select(i => (first + (i * step)).ToString(CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^(?<first>_|-?[\d.]+)(?<step>[+-][\d.]+)?x(?<count>\d+)$")]
    private static partial Regex Run();

    [GeneratedRegex("provider=\"[^\"]*\"")]
    private static partial Regex Provider();

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
        _series.TryAdd(Scheduler, Ticking);
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
                alert_rule_test:
            {_alerts}
            """);
    }
}
