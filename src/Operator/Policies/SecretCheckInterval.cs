using CertOperator.Crds.Rules;

namespace CertOperator.Operator.Policies;

/// <summary>
/// How often a Secret is read to see whether somebody changed it. Secrets are not watched, since that takes the right to list all of
/// them; the reads of all policies together stay at about twenty per second, so a small fleet is checked every fifteen seconds.
/// </summary>
public sealed class SecretCheckInterval(TimeSpan? configured, Func<int> fleet)
{
    private const double ReadsPerSecond = 20;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    public TimeSpan Current
        => configured ?? TimeSpan.FromSeconds(Math.Clamp(fleet() / ReadsPerSecond, Shortest.TotalSeconds, Longest.TotalSeconds));

    /// <summary>The wait until the next read; the seed spreads the policies over the interval.</summary>
    public TimeSpan Next(string seed) => Current * (0.8 + (0.2 * StableHash.Fraction(seed)));

    /// <summary>After a start: anywhere within one interval, so that a restart is no burst of reads.</summary>
    public TimeSpan First(string seed) => Current * StableHash.Fraction(seed);
}
