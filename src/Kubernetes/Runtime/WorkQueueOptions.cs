namespace CertOperator.Kubernetes;

/// <summary>The per-key backoff of a <see cref="WorkQueue{TKey}"/>.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>The delay after the first failure of a key; it doubles with each further one.</summary>
    /// <value>Default: 5 ms.</value>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>No backoff is longer than this, jitter included.</summary>
    /// <value>Default: 1,000 s.</value>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(1000);

    /// <summary>The share by which a backoff is randomly made shorter or longer, from 0 to 1.</summary>
    /// <value>Default: 0.1.</value>
    public double Jitter { get; init; } = 0.1;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(BaseDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, BaseDelay);
        ArgumentOutOfRangeException.ThrowIfNegative(Jitter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Jitter, 1);
    }

    /// <summary>The backoff after the given number of failures in a row.</summary>
    internal TimeSpan Backoff(int failures, double random)
    {
        // In double there is no overflow: 2^n only becomes infinity, and the minimum cuts that.
        double ticks = Math.Min(Math.ScaleB(BaseDelay.Ticks, failures - 1), MaxDelay.Ticks);
        ticks *= 1 - Jitter + (2 * Jitter * random);
        return TimeSpan.FromTicks((long)Math.Min(ticks, MaxDelay.Ticks));
    }
}
