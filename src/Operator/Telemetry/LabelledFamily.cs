using System.Buffers;
using System.Collections.Concurrent;

namespace CertOperator.Operator.Telemetry;

/// <summary>Children by label values. A child is looked up without an allocation, and can be kept by a caller that knows its labels.</summary>
public abstract class LabelledFamily<TChild> : IMetricFamily
    where TChild : class
{
    private const int SamplesBetweenYields = 256;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string[], Entry> _entries = new(LabelValuesComparer.Instance);
    private readonly ConcurrentDictionary<string[], Entry>.AlternateLookup<ReadOnlySpan<string>> _lookup;
    private Entry[]? _sorted;

    private protected LabelledFamily(MetricDescription description)
    {
        Description = description;
        _lookup = _entries.GetAlternateLookup<ReadOnlySpan<string>>();
        if (description.Labels is [])
        {
            WithLabels();
        }
    }

    public MetricDescription Description { get; }

    /// <summary>The series with these label values, in the order of the label names; created at zero when it is new.</summary>
    public TChild WithLabels(params ReadOnlySpan<string> values)
    {
        if (_lookup.TryGetValue(values, out var entry))
        {
            return entry.Child;
        }

        if (values.Length != Description.Labels.Count)
        {
            throw new ArgumentException($"{Description.Name} has {Description.Labels.Count} labels, not {values.Length}.", nameof(values));
        }

        lock (_lock)
        {
            var key = values.ToArray();
            _sorted = null;
            return _entries.GetOrAdd(key, k => new Entry(Render(k), Create())).Child;
        }
    }

    public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Family(Description.Name, Description.Type, Description.Help);
        var count = 0;
        foreach (var entry in Sorted())
        {
            Write(writer, entry.Labels, entry.Child);
            if (++count % SamplesBetweenYields == 0)
            {
                yield return writer;
            }
        }
    }

    private protected abstract TChild Create();

    private protected abstract void Write(MetricTextWriter writer, byte[] labels, TChild child);

    private Entry[] Sorted()
    {
        lock (_lock)
        {
            return _sorted ??= [.. _entries.Values.Order(EntryOrder.Instance)];
        }
    }

    private byte[] Render(string[] values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MetricTextWriter(buffer);
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
            {
                writer.Raw(","u8);
            }

            writer.Label(Description.Labels[i], values[i]);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private sealed record Entry(byte[] Labels, TChild Child);

    private sealed class EntryOrder : IComparer<Entry>
    {
        public static EntryOrder Instance { get; } = new();

        public int Compare(Entry? x, Entry? y) => x!.Labels.AsSpan().SequenceCompareTo(y!.Labels);
    }
}
