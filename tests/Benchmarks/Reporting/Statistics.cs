using System.Globalization;

namespace CertOperator.Benchmarks.Reporting;

/// <summary>A few values of the same thing.</summary>
public static class Statistics
{
    public static double Median(this IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    public static string Spread(this IReadOnlyCollection<double> values)
        => string.Create(CultureInfo.InvariantCulture, $"median of {values.Count}, {values.Min():0.###} to {values.Max():0.###}");
}
