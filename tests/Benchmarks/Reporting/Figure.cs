namespace CertOperator.Benchmarks.Reporting;

/// <summary>One measured value.</summary>
/// <param name="Name">As in the line that is printed.</param>
/// <param name="Value">In <paramref name="Unit"/>.</param>
/// <param name="Unit">One word.</param>
/// <param name="Aim">What it should be; null where there is no aim.</param>
/// <param name="Note">How it came about: spread, breakdown.</param>
public sealed record Figure(string Name, double Value, string Unit, Aim? Aim = null, string? Note = null);

/// <summary>A bound that a value should keep.</summary>
/// <param name="Bound">In the figure's unit.</param>
/// <param name="IsLeast">True for "at least", false for "at most".</param>
public sealed record Aim(double Bound, bool IsLeast)
{
    public static Aim AtLeast(double bound) => new(bound, true);

    public static Aim AtMost(double bound) => new(bound, false);

    public bool IsMetBy(double value) => IsLeast ? value >= Bound : value <= Bound;
}
