namespace CertOperator.Operator.Telemetry;

/// <summary>Counts at each scrape what receivers have not taken, from the policies' status: it is right after a restart too.</summary>
public sealed class UndeliveredIncidentsCollector(Func<IEnumerable<string>> read) : IMetricCollector
{
    private static readonly MetricDescription Description =
        new(CertOperatorMetrics.Prefix + "incidents_undelivered", "gauge", "Incidents whose latest news a receiver has not taken, although it was tried.", ["sink"]);

    public IReadOnlyList<MetricDescription> Descriptions { get; } = [Description];

    public IEnumerable<IMetricFamily> Collect() => [new Family(read().CountBy(s => s).ToDictionary())];

    private sealed class Family(Dictionary<string, int> counts) : IMetricFamily
    {
        private static readonly string[] Labels = [.. UndeliveredIncidentsCollector.Description.Labels];

        public MetricDescription Description => UndeliveredIncidentsCollector.Description;

        public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
        {
            writer.Family(Description.Name, Description.Type, Description.Help);
            foreach (var sink in IncidentSinkKinds.All)
            {
                writer.Sample(Description.Name, Labels, [sink], counts.GetValueOrDefault(sink));
            }

            yield return writer;
        }
    }
}
