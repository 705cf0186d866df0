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

            `/metrics` is served at `--metrics-listen` in Prometheus' text format, by HTTPS, to those whose token the API server knows
            and whom it allows the verb `get` on the nonResourceURL `/metrics`: 401 says that the token is not known, 403 that the
            right is missing, 503 that the API server could not be asked. `--metrics-auth false` serves everybody, by HTTP. Every
            replica serves the series of the policies, which it reads from their status: with several replicas, aggregate them with `max by`.

            | name | type | labels | meaning |
            | --- | --- | --- | --- |

            """);
        var metrics = new CertOperatorMetrics(BuildInformation.Current);
        metrics.AddPolicies(new NoPolicies());
        metrics.AddIncidents(() => []);
        metrics.AddUndeliveredIncidents(() => []);
        metrics.AddBatches(() => []);
        metrics.AddInventory(() => InventoryReport.Empty);
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
