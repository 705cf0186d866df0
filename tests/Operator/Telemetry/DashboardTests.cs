using System.Text.Json;
using System.Text.RegularExpressions;
using CertOperator.Operator.Telemetry;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Telemetry;

/// <summary>The Grafana dashboard of the chart speaks of metrics and labels that there are.</summary>
public sealed partial class DashboardTests
{
    private static readonly string Path = Repository.PathOf("charts", "cert-operator", "files", "dashboard.json");

    [Test]
    public void Every_metric_in_it_exists()
    {
        var known = Reference().SelectMany(r => r.Type == "histogram" ? [$"{r.Name}_bucket", $"{r.Name}_sum", $"{r.Name}_count"] : new[] { r.Name });

        Assert.That(Expressions().SelectMany(e => Name().Matches(e).Select(m => m.Value)).Distinct(), Is.Not.Empty.And.SubsetOf(known));
    }

    [Test]
    public void A_legend_names_labels_of_its_metric()
    {
        var labels = Reference().SelectMany(r => r.Labels).Append("instance");

        Assert.That(Targets().SelectMany(t => Legend().Matches(t.GetProperty("legendFormat").GetString()!).Select(m => m.Groups[1].Value)).Distinct(), Is.SubsetOf(labels));
    }

    [Test]
    [Category("Component")]
    public async Task Promtool_reads_every_expression()
    {
        await ToolProcess.RunAsync(Repository.PathOf("hack", "install-tools.sh"), ["promtool"]);
        using var folder = new TemporaryDirectory();
        var rules = Expressions().Select((e, i) => $"      - record: panel:{i}\n        expr: {JsonSerializer.Serialize(e.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$namespace", ".*", StringComparison.Ordinal))}\n");
        await File.WriteAllTextAsync(folder.File("rules.yaml"), $"groups:\n  - name: dashboard\n    rules:\n{string.Concat(rules)}");

        var result = await ToolProcess.RunAsync("promtool", ["check", "rules", "--lint=none", folder.File("rules.yaml")], new ToolOptions { AllowFailure = true });

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
    }

    private static IReadOnlyList<JsonElement> Targets()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(p => p.TryGetProperty("targets", out var targets) ? targets.EnumerateArray().Select(t => t.Clone()) : [])];
    }

    private static IReadOnlyList<string> Expressions() => [.. Targets().Select(t => t.GetProperty("expr").GetString()!)];

    /// <summary>The rows of docs/reference/metrics.md.</summary>
    private static IReadOnlyList<(string Name, string Type, IReadOnlyList<string> Labels)> Reference()
    {
        using var page = new StringWriter();
        MetricsReference.Write(page);
        return [.. page.ToString().Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('|', StringSplitOptions.TrimEntries))
            .Select(c => (c[1].Trim('`'), c[2], (IReadOnlyList<string>)c[3].Split(", ").Select(label => label.Trim('`')).ToList()))];
    }

    [GeneratedRegex(@"\b(?:certoperator|process|dotnet)_[a-z_]+")]
    private static partial Regex Name();

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Legend();
}
