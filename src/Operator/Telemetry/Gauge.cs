namespace CertOperator.Operator.Telemetry;

/// <summary>A value that is set.</summary>
public sealed class Gauge : LabelledFamily<Gauge.Child>
{
    public Gauge(string name, string help, params IReadOnlyList<string> labels)
        : base(new MetricDescription(name, "gauge", help, labels))
    {
    }

    private protected override Child Create() => new();

    private protected override void Write(MetricTextWriter writer, byte[] labels, Child child) =>
        writer.Sample(Description.Name, labels, child.Value);

    /// <summary>One series.</summary>
    public sealed class Child
    {
        private double _value;

        public double Value => Volatile.Read(ref _value);

        public void Set(double value) => Volatile.Write(ref _value, value);
    }
}
