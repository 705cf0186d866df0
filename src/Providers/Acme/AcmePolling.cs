namespace CertOperator.Providers.Acme;

/// <summary>How long to wait before asking the CA again where it does not say.</summary>
public static class AcmePolling
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>50 ms doubling to 10 s: a local CA is done at the first poll, a public one is not asked more often than it likes.</summary>
    public static TimeSpan Delay(int polls, TimeSpan? retryAfter)
        => retryAfter ?? TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Clamp(polls, 0, 10), Longest.Ticks));
}
