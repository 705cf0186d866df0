using System.IO.Pipelines;

namespace CertOperator.Operator.Telemetry;

/// <summary>The metrics that one scrape gives, in the order in which they were added.</summary>
public sealed class MetricRegistry
{
    private const int FlushBytes = 64 * 1024;
    private readonly Lock _lock = new();
    private readonly List<IMetricFamily> _families = [];
    private readonly List<IMetricCollector> _collectors = [];

    /// <summary>What there is, for the reference page.</summary>
    public IReadOnlyList<MetricDescription> Descriptions
    {
        get
        {
            lock (_lock)
            {
                return [.. _families.Select(f => f.Description), .. _collectors.SelectMany(c => c.Descriptions)];
            }
        }
    }

    /// <summary>Adds a family and gives it back.</summary>
    /// <exception cref="ArgumentException">One of that name is there.</exception>
    public T Add<T>(T family)
        where T : IMetricFamily
    {
        ArgumentNullException.ThrowIfNull(family);
        lock (_lock)
        {
            if (_families.Any(f => f.Description.Name == family.Description.Name))
            {
                throw new ArgumentException($"{family.Description.Name} is there already.", nameof(family));
            }

            _families.Add(family);
        }

        return family;
    }

    /// <summary>Adds families whose series are made anew at each scrape.</summary>
    public void Add(IMetricCollector collector)
    {
        lock (_lock)
        {
            _collectors.Add(collector);
        }
    }

    /// <summary>Writes all metrics; what is written leaves every 64 KiB, at the reader's pace.</summary>
    public async Task WriteAsync(PipeWriter output, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(output);
        IMetricFamily[] families;
        IMetricCollector[] collectors;
        lock (_lock)
        {
            families = [.. _families];
            collectors = [.. _collectors];
        }

        var writer = new MetricTextWriter(output);
        var flushed = 0L;
        foreach (var family in families.Concat(collectors.SelectMany(c => c.Collect())))
        {
            foreach (var _ in family.Write(writer))
            {
                if (writer.Written - flushed >= FlushBytes)
                {
                    flushed = writer.Written;
                    if ((await output.FlushAsync(ct)).IsCompleted)
                    {
                        return;
                    }
                }
            }
        }

        await output.FlushAsync(ct);
    }
}
