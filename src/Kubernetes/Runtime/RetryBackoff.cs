namespace CertOperator.Kubernetes;

/// <summary>
/// The waits between attempts to reach the API server: random between a fixed least and a bound that doubles, so that
/// clients which lost the same server do not come back in step.
/// </summary>
internal sealed class RetryBackoff(TimeSpan least, TimeSpan most, Jitter jitter)
{
    /// <summary>Attempts that failed since the last success.</summary>
    public int Failures { get; private set; }

    public void Reset() => Failures = 0;

    public TimeSpan Next()
    {
        Failures++;
        double bound = Math.Min(Math.ScaleB(least.Ticks, Failures), most.Ticks);
        return jitter.Between(least, TimeSpan.FromTicks((long)bound));
    }
}
