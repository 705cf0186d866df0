namespace CertOperator.Operator.Telemetry;

/// <summary>Families whose series follow something else, and are made when they are scraped.</summary>
public interface IMetricCollector
{
    IReadOnlyList<MetricDescription> Descriptions { get; }

    /// <summary>The families as of now; each is written at most once, after the one before it.</summary>
    IEnumerable<IMetricFamily> Collect();
}
