namespace CertOperator.Providers.Acme;

/// <summary>How long to wait before asking the CA again where it does not say.</summary>
public static class AcmePolling
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Nobody is served by an answer that is fetched later than this.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    /// <summary>50 ms doubling to 10 s: a local CA is done at the first poll, a public one is not asked more often than it likes. A Retry-After of 0 says nothing.</summary>
    public static TimeSpan Delay(int polls, TimeSpan? retryAfter)
    {
        var own = TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Clamp(polls, 0, 10), Longest.Ticks));
        return retryAfter is not { } asked ? own
            : asked < First ? own
            : asked > LongestAsked ? LongestAsked : asked;
    }
}
