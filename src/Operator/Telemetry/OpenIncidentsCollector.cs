using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Telemetry;

/// <summary>Counts the open incidents at each scrape, from the policies' status.</summary>
public sealed class OpenIncidentsCollector(Func<IEnumerable<Criticality>> read) : IMetricCollector
{
    private static readonly MetricDescription Description =
        new(CertOperatorMetrics.Prefix + "incidents_open", "gauge", "Incidents that are not over.", ["severity"]);

    public IReadOnlyList<MetricDescription> Descriptions { get; } = [Description];

    public IEnumerable<IMetricFamily> Collect() => [new Family(read().CountBy(s => s).ToDictionary())];

    private sealed class Family(Dictionary<Criticality, int> counts) : IMetricFamily
    {
        private static readonly string[] Labels = [.. OpenIncidentsCollector.Description.Labels];

        public MetricDescription Description => OpenIncidentsCollector.Description;

        public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
        {
            writer.Family(Description.Name, Description.Type, Description.Help);
            foreach (var severity in LabelNames<Criticality>.Members)
            {
                writer.Sample(Description.Name, Labels, [LabelNames<Criticality>.Of(severity)], counts.GetValueOrDefault(severity));
            }

            yield return writer;
        }
    }
}
