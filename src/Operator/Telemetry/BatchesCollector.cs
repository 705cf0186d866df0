using CertOperator.Crds.Batches;

namespace CertOperator.Operator.Telemetry;

/// <summary>Counts the batches at each scrape, from their status.</summary>
public sealed class BatchesCollector(Func<IEnumerable<BatchPhase>> read) : IMetricCollector
{
    private static readonly MetricDescription Description =
        new(CertOperatorMetrics.Prefix + "batches", "gauge", "Batches in each phase; those that are over too, as long as they are kept.", ["phase"]);

    public IReadOnlyList<MetricDescription> Descriptions { get; } = [Description];

    public IEnumerable<IMetricFamily> Collect() => [new Family(read().CountBy(s => s).ToDictionary())];

    private sealed class Family(Dictionary<BatchPhase, int> counts) : IMetricFamily
    {
        private static readonly string[] Labels = [.. BatchesCollector.Description.Labels];

        public MetricDescription Description => BatchesCollector.Description;

        public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
        {
            writer.Family(Description.Name, Description.Type, Description.Help);
            foreach (var phase in LabelNames<BatchPhase>.Members)
            {
                writer.Sample(Description.Name, Labels, [LabelNames<BatchPhase>.Of(phase)], counts.GetValueOrDefault(phase));
            }

            yield return writer;
        }
    }
}
