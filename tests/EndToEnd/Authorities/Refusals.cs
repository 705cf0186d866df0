using System.Collections.Concurrent;
using CertOperator.TestSupport.Proxies;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>Refuses requests of one kind in place of the CA, and notes when each of that kind came.</summary>
internal sealed class Refusals
{
    private readonly ConcurrentQueue<DateTimeOffset> _arrivals = new();

    private Refusals()
    {
    }

    public IReadOnlyList<DateTimeOffset> Arrivals => [.. _arrivals];

    /// <param name="acme">In front of the CA.</param>
    /// <param name="kind">What to refuse.</param>
    /// <param name="times">How many requests to refuse; later ones pass.</param>
    /// <param name="answer">What to answer to a request that came at that time.</param>
    public static Refusals Install(AcmeProxy acme, AcmeRequestKind kind, int times, Func<DateTimeOffset, ProxiedAnswer> answer)
    {
        var refusals = new Refusals();
        int left = times;
        acme.Hooks.Before = request =>
        {
            if (request.Kind != kind)
            {
                return Task.FromResult<ProxiedAnswer?>(null);
            }

            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            refusals._arrivals.Enqueue(now);
            return Task.FromResult(Interlocked.Decrement(ref left) >= 0 ? answer(now) : null);
        };
        return refusals;
    }
}
