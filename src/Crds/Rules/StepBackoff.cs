using System.Globalization;

namespace CertOperator.Crds.Rules;

/// <summary>How long a run waits between tries of one step: 1 s doubling to 60 s.</summary>
public static class StepBackoff
{
    /// <param name="attempts">Tries so far, from 1.</param>
    /// <param name="seed">What tells runs apart, such as the run's uid: spreads the tries of runs that failed together.</param>
    public static TimeSpan Delay(int attempts, string seed)
    {
        var wait = Math.Min(TimeSpan.TicksPerSecond << Math.Clamp(attempts - 1, 0, 6), TimeSpan.TicksPerMinute);
        return TimeSpan.FromTicks(wait + StableHash.Below(wait / 5, string.Create(CultureInfo.InvariantCulture, $"{seed}/{attempts}")));
    }
}
