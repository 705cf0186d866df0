using CertOperator.Benchmarks.Reporting;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>Something that starts what it needs, gives one or more figures, and leaves nothing running.</summary>
public interface IMeasurement
{
    /// <summary>Names of the figures.</summary>
    IReadOnlyList<string> Figures { get; }

    Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken);
}
