namespace CertOperator.Operator.Telemetry;

/// <summary>A distribution over fixed buckets, in seconds. Bounds are upper and inclusive, and rise; the one to infinity is added.</summary>
public sealed class Histogram(string name, string help, IReadOnlyList<double> bounds, params IReadOnlyList<string> labels)
    : LabelledFamily<Histogram.Child>(new MetricDescription(name, "histogram", help, labels))
{
    private readonly double[] _bounds = [.. bounds];
    private readonly byte[][] _bucketLabels = [.. bounds.Append(double.PositiveInfinity).Select(RenderBound)];

    /// <summary>Adds one observation to the series with these label values.</summary>
    public void Observe(TimeSpan duration, params ReadOnlySpan<string> labels) => WithLabels(labels).Observe(duration.TotalSeconds);

    private protected override Child Create() => new(this);

    private protected override void Write(MetricTextWriter writer, byte[] labels, Child child)
    {
        var cumulative = 0L;
        var family = Description.Name;
        var buffer = new byte[labels.Length + 64];
        for (var i = 0; i < _bucketLabels.Length; i++)
        {
            cumulative += child.Bucket(i);
            var length = 0;
            if (labels.Length > 0)
            {
                labels.CopyTo(buffer, 0);
                buffer[labels.Length] = (byte)',';
                length = labels.Length + 1;
            }

            _bucketLabels[i].CopyTo(buffer, length);
            writer.Sample(family + "_bucket", buffer.AsSpan(0, length + _bucketLabels[i].Length), cumulative);
        }

        writer.Sample(family + "_sum", labels, child.Sum);
        // The count is the last bucket, not a field of its own: the two must never disagree within one scrape.
        writer.Sample(family + "_count", labels, cumulative);
    }

    private static byte[] RenderBound(double bound)
    {
        var text = double.IsPositiveInfinity(bound) ? "+Inf" : bound.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return System.Text.Encoding.ASCII.GetBytes($"le=\"{text}\"");
    }

    /// <summary>One series.</summary>
    public sealed class Child
    {
        private readonly double[] _bounds;
        private readonly long[] _buckets;
        private double _sum;

        internal Child(Histogram family)
        {
            _bounds = family._bounds;
            _buckets = new long[_bounds.Length + 1];
        }

        public double Sum => Volatile.Read(ref _sum);

        public void Observe(double value)
        {
            var index = Array.FindIndex(_bounds, b => value <= b);
            Interlocked.Increment(ref _buckets[index < 0 ? _bounds.Length : index]);
            var seen = Volatile.Read(ref _sum);
            while (true)
            {
                var found = Interlocked.CompareExchange(ref _sum, seen + value, seen);
                if (found.Equals(seen))
                {
                    return;
                }

                seen = found;
            }
        }

        internal long Bucket(int index) => Interlocked.Read(ref _buckets[index]);
    }
}
