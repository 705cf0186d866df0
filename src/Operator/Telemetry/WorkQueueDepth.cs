namespace CertOperator.Operator.Telemetry;

/// <summary>Keys that wait in each controller's queue, read when they are scraped.</summary>
internal sealed class WorkQueueDepth : IMetricFamily
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Func<int>> _queues = new(StringComparer.Ordinal);

    public MetricDescription Description { get; } =
        new(CertOperatorMetrics.Prefix + "workqueue_depth", "gauge", "Keys that wait to be reconciled.", "controller");

    public void Add(string controller, Func<int> depth)
    {
        lock (_lock)
        {
            _queues[controller] = depth;
        }
    }

    public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
    {
        KeyValuePair<string, Func<int>>[] queues;
        lock (_lock)
        {
            queues = [.. _queues];
        }

        writer.Family(Description.Name, Description.Type, Description.Help);
        foreach (var (controller, depth) in queues)
        {
            writer.Sample(Description.Name, ["controller"], [controller], depth());
        }

        yield break;
    }
}
