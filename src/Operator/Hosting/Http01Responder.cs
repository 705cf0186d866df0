namespace CertOperator.Operator.Hosting;

/// <summary>
/// Answers from what the informer has brought. The CA may ask before the watch has told this replica of the challenge, so a
/// token that is not known is waited for, for a moment and by few: anyone on the network can ask for tokens.
/// </summary>
/// <param name="lookup">Key authorization by token from memory; null when there is none.</param>
/// <param name="changes">Raised after each change of what <paramref name="lookup"/> reads.</param>
/// <param name="time">Measures the moment.</param>
public sealed class Http01Responder(Func<string, string?> lookup, ChangeSignal changes, TimeProvider time) : IHttp01Responder
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);
    private const int MostWaiters = 64;
    private int _waiters;

    public async ValueTask<string?> FindAsync(string token, CancellationToken ct)
    {
        if (lookup(token) is { } known)
        {
            return known;
        }

        if (Interlocked.Increment(ref _waiters) > MostWaiters)
        {
            Interlocked.Decrement(ref _waiters);
            return null;
        }

        try
        {
            return await WaitAsync(token, ct);
        }
        finally
        {
            Interlocked.Decrement(ref _waiters);
        }
    }

    private async Task<string?> WaitAsync(string token, CancellationToken ct)
    {
        var deadline = Task.Delay(Wait, time, ct);
        while (!deadline.IsCompleted)
        {
            var next = changes.Next;
            if (lookup(token) is { } known)
            {
                return known;
            }

            await Task.WhenAny(next, deadline);
        }

        ct.ThrowIfCancellationRequested();
        return lookup(token);
    }
}
