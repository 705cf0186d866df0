namespace CertOperator.Operator.Telemetry;

/// <summary>A count that only grows. The name ends in <c>_total</c>.</summary>
public sealed class Counter : LabelledFamily<Counter.Child>
{
    public Counter(string name, string help, params IReadOnlyList<string> labels)
        : base(new MetricDescription(name, "counter", help, labels))
    {
    }

    /// <summary>Adds one to the series with these label values.</summary>
    public void Increment(params ReadOnlySpan<string> labels) => WithLabels(labels).Increment();

    private protected override Child Create() => new();

    private protected override void Write(MetricTextWriter writer, byte[] labels, Child child) =>
        writer.Sample(Description.Name, labels, child.Value);

    /// <summary>One series.</summary>
    public sealed class Child
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Increment(long by = 1) => Interlocked.Add(ref _value, by);
    }
}
