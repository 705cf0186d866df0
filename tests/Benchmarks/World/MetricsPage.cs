using System.Globalization;
using System.Text.RegularExpressions;

namespace CertOperator.Benchmarks.World;

/// <summary>One reading of the operator's /metrics.</summary>
public sealed partial class MetricsPage
{
    private readonly List<Sample> _samples = [];

    public MetricsPage(string text)
    {
        foreach (var line in text.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            var match = Line().Match(line);
            if (match.Success)
            {
                var labels = Label().Matches(match.Groups["labels"].Value).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value, StringComparer.Ordinal);
                _samples.Add(new Sample(match.Groups["name"].Value, labels, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));
            }
        }
    }

    public double Sum(string name, Func<IReadOnlyDictionary<string, string>, bool> where) => _samples.Where(s => s.Name == name && where(s.Labels)).Sum(s => s.Value);

    /// <summary>How much counters have grown since an earlier reading, by their labels.</summary>
    /// <param name="name">The metric.</param>
    /// <param name="earlier">The reading to compare with.</param>
    /// <param name="group">What to add up under; null to leave a series out.</param>
    public SortedDictionary<string, double> Growth(string name, MetricsPage earlier, Func<IReadOnlyDictionary<string, string>, string?> group)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        var growth = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (page, sign) in new[] { (this, 1), (earlier, -1) })
        {
            foreach (var sample in page._samples.Where(s => s.Name == name))
            {
                if (group(sample.Labels) is { } key)
                {
                    growth[key] = growth.GetValueOrDefault(key) + (sign * sample.Value);
                }
            }
        }

        return new SortedDictionary<string, double>(growth.Where(g => g.Value != 0).ToDictionary(), StringComparer.Ordinal);
    }

    /// <summary>The operator's requests to the API server, by verb and resource, but for watches and the Lease.</summary>
    public SortedDictionary<string, double> RequestsSince(MetricsPage earlier)
        => Growth("certoperator_kubernetes_requests_total", earlier, l => l["verb"] is "watch" || l["resource"] == "leases" ? null : $"{l["verb"]} {l["resource"]}");

    public static string Describe(IReadOnlyDictionary<string, double> requests)
        => string.Join(", ", requests.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {r.Value:0}")));

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.*)\})? (?<value>\S+)")]
    private static partial Regex Line();

    [GeneratedRegex("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Label();

    private sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
}
