namespace CertOperator.Operator.Telemetry;

/// <summary>What the last round over all state Secrets has found. There is no series before a round has ended: nothing known is not nothing left.</summary>
internal sealed class OldStates : IMetricFamily
{
    private volatile Round? _last;

    public MetricDescription Description { get; } = new(
        CertOperatorMetrics.Prefix + "master_key_old_states",
        "gauge",
        "State Secrets that the last round found under another master key than the first, which the label names; 0 when other keys can be removed. Absent until a round under that key has ended; told by the leader.",
        "key");

    /// <param name="key">The id of the first master key; null as long as no round under it has ended.</param>
    /// <param name="left">What it does not seal.</param>
    public void Set(string? key, int left) => _last = key is null ? null : new Round(key, left);

    public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
    {
        writer.Family(Description.Name, Description.Type, Description.Help);
        if (_last is { } round)
        {
            writer.Sample(Description.Name, [.. Description.Labels], [round.Key], round.Left);
        }

        yield break;
    }

    private sealed record Round(string Key, int Left);
}
