using CertOperator.Operator.Hosting;

namespace CertOperator.Operator.Telemetry;

/// <summary>docs/reference/metrics.md, made from the instruments.</summary>
public static class MetricsReference
{
    public static void Write(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(
            """
            <!-- Generated from code by make generate; do not edit. -->
            # Metrics

            `/metrics` is served at `--metrics-listen` in Prometheus' text format. Every replica serves the series of the policies,
            which it reads from their status: with several replicas, aggregate them with `max by`.

            | name | type | labels | meaning |
            | --- | --- | --- | --- |

            """);
        var metrics = new CertOperatorMetrics(BuildInformation.Current);
        metrics.AddPolicies(new NoPolicies());
        metrics.AddIncidents(() => []);
        metrics.AddUndeliveredIncidents(() => []);
        metrics.AddBatches(() => []);
        foreach (var m in metrics.Registry.Descriptions.OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            var labels = string.Join(", ", m.Labels.Select(l => $"`{l}`"));
            writer.Write($"| `{m.Name}` | {m.Type} | {labels} | {m.Help} |\n");
        }
    }

    private sealed class NoPolicies : IPolicyMetricsSource
    {
        public IEnumerable<PolicyMetrics> Read() => [];
    }
}
