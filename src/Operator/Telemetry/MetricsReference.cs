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
            and whom it allows the verb `get` on the nonResourceURL `/metrics`. `--metrics-auth false` serves everybody, by HTTP. Every
            replica serves the series of the policies, which it reads from their status: with several replicas, aggregate them with `max by`,
            and what is 1 when it is well, of endpoints, with `min by`.

            | answer | says |
            | --- | --- |
            | 401 | the token is not known, or cannot be one |
            | 403 | its user lacks the right |
            | 429 | too many tokens came that the API server would have to be asked about; `Retry-After` says when to come again. Scrapers that are known are never held up |
            | 503 | the API server could not be asked. Whoever it let in during the last 15 minutes reads on meanwhile. Or, with `Retry-After`: the operator has just started, and has not listed all objects; a page without them would end the alerts about them |

            The metrics are these:

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
