namespace CertOperator.Operator.Telemetry;

/// <summary>One metric with all of its series.</summary>
public interface IMetricFamily
{
    MetricDescription Description { get; }

    /// <summary>Writes HELP, TYPE and the samples. A long family yields now and then, so that what is written can leave.</summary>
    IEnumerable<MetricTextWriter> Write(MetricTextWriter writer);
}

/// <summary>What a reader must know of a metric.</summary>
/// <param name="Name">With prefix and unit.</param>
/// <param name="Type"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
/// <param name="Help">One sentence.</param>
/// <param name="Labels">Names of the labels, in their order.</param>
public sealed record MetricDescription(string Name, string Type, string Help, params IReadOnlyList<string> Labels);
