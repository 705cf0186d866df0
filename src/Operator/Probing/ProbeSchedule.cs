using CertOperator.Crds.Rules;

namespace CertOperator.Operator.Probing;

/// <summary>How often endpoints are asked. Pure, and the same for one policy on every replica.</summary>
public static class ProbeSchedule
{
    /// <summary>What <c>probe.intervalSeconds</c> is by itself.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromHours(1);

    /// <summary>One that serves the wrong certificate is asked more often: somebody is at it, and wants to see that it is mended.</summary>
    public static readonly TimeSpan Recheck = TimeSpan.FromMinutes(5);

    /// <summary>Between the first sign of trouble and the second look, before anybody is told.</summary>
    public static readonly TimeSpan Confirmation = TimeSpan.FromSeconds(10);

    /// <summary>After a start, what the process before may have missed is made up for at this pace, so that a restart is no storm.</summary>
    private const double FirstPerSecond = 5;

    /// <summary>The wait from the start of the process, or of its leadership, to the first look.</summary>
    public static TimeSpan First(int fleet, string seed)
        => TimeSpan.FromSeconds(Math.Min(fleet / FirstPerSecond, DefaultInterval.TotalSeconds)) * StableHash.Fraction(seed);

    /// <summary>The wait from one look to the next; the seed spreads the policies.</summary>
    public static TimeSpan Next(TimeSpan interval, bool matches, string seed)
        => (matches || interval < Recheck ? interval : Recheck) * (0.8 + (0.2 * StableHash.Fraction(seed)));
}
