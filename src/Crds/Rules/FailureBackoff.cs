using System.Globalization;

namespace CertOperator.Crds.Rules;

/// <summary>How long a policy waits after failed runs before the next one.</summary>
public static class FailureBackoff
{
    /// <summary>The wait after the first failure, before jitter.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMinutes(1);

    /// <summary>No wait is longer than this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(6);

    /// <summary>
    /// One minute after the first failure, doubled with each further one up to six hours, moved by up to a tenth either
    /// way. The same failures and seed always give the same wait.
    /// </summary>
    /// <param name="consecutiveFailures">Failed runs since the last success; zero or less means no wait.</param>
    /// <param name="seed">What tells policies apart, such as the policy's uid.</param>
    public static TimeSpan Delay(int consecutiveFailures, string seed)
    {
        ArgumentNullException.ThrowIfNull(seed);
        if (consecutiveFailures <= 0)
        {
            return TimeSpan.Zero;
        }

        // 2^9 minutes is past the longest wait, so the shift never gets near an overflow.
        var doublings = Math.Min(consecutiveFailures - 1, 9);
        var wait = Math.Min(First.Ticks << doublings, Longest.Ticks);
        var earlier = wait / 10;
        var later = Math.Min(earlier, Longest.Ticks - wait);
        var draw = string.Create(CultureInfo.InvariantCulture, $"{seed}/{consecutiveFailures}");
        return TimeSpan.FromTicks(wait - earlier + StableHash.Below(earlier + later + 1, draw));
    }
}
