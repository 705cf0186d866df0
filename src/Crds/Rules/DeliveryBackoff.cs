using System.Globalization;

namespace CertOperator.Crds.Rules;

/// <summary>How long a message waits that could not be delivered: 5 s doubling to an hour.</summary>
public static class DeliveryBackoff
{
    /// <summary>Tries before a message becomes a dead letter; together they take some two and a half hours.</summary>
    public const int MaxAttempts = 12;

    /// <summary>The wait after the first failure, before jitter.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(5);

    /// <summary>No wait is longer than this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <param name="attempts">Failed tries so far, from 1.</param>
    /// <param name="seed">What tells messages apart: up to a tenth is taken off, so that those that failed together do not come back together.</param>
    public static TimeSpan Delay(int attempts, string seed)
    {
        // 2^10 times the first wait is past the longest.
        var wait = Math.Min(First.Ticks << Math.Clamp(attempts - 1, 0, 10), Longest.Ticks);
        return TimeSpan.FromTicks(wait - StableHash.Below(wait / 10, string.Create(CultureInfo.InvariantCulture, $"{seed}/{attempts}")));
    }
}
