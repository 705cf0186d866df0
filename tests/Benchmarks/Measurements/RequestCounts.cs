using System.Globalization;
using CertOperator.Benchmarks.World;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>Requests for one renewal, as the operator's own counters tell. Those for the Lease are not for a renewal.</summary>
public sealed record RequestCounts(double Writes, string WriteBreakdown, double Reads, string ReadBreakdown, double Acme, string AcmeBreakdown)
{
    public static RequestCounts Between(MetricsPage before, MetricsPage after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var renewals = after.Growth("certoperator_renewal_runs_total", before, l => l["result"]);
        if (renewals.Keys.Except(["Succeeded"]).Any())
        {
            throw new InvalidOperationException($"Runs ended otherwise than in success: {string.Join(", ", renewals)}");
        }

        var number = renewals["Succeeded"];
        var api = after.Growth("certoperator_kubernetes_requests_total", before, l => l["resource"] == "leases" || l["verb"] == "watch" ? null : $"{l["verb"]} {l["resource"]}{(l["code"].StartsWith('2') ? "" : $" ({l["code"]})")}");
        var acme = after.Growth("certoperator_acme_requests_total", before, l => $"{l["action"]}{(l["status"].StartsWith('2') ? "" : $" ({l["status"]})")}");
        var reads = api.Where(a => IsRead(a.Key)).ToList();
        var writes = api.Where(a => !IsRead(a.Key)).ToList();
        return new RequestCounts(Total(writes, number), Breakdown(writes, number), Total(reads, number), Breakdown(reads, number), Total(acme, number), Breakdown(acme, number));
    }

    private static bool IsRead(string key) => key.StartsWith("get ", StringComparison.Ordinal) || key.StartsWith("list ", StringComparison.Ordinal);

    private static double Total(IEnumerable<KeyValuePair<string, double>> counts, double number) => counts.Sum(c => c.Value) / number;

    private static string Breakdown(IEnumerable<KeyValuePair<string, double>> counts, double number)
        => string.Join(", ", counts.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value / number:0.###}")));
}
