namespace CertOperator.Operator.Telemetry;

/// <summary>One value that is read when it is scraped.</summary>
public sealed class CallbackFamily(MetricDescription description, Func<double> read) : IMetricFamily
{
    public MetricDescription Description { get; } = description;

    public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Family(Description.Name, Description.Type, Description.Help);
        writer.Sample(Description.Name, [], read());
        yield break;
    }
}
