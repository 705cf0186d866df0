namespace CertOperator.Operator.Hosting;

/// <summary>Tells those who wait that something changed. Take <see cref="Next"/> first, then look, then await it: no change is missed.</summary>
public sealed class ChangeSignal
{
    private TaskCompletionSource _next = NewSource();

    /// <summary>Completes at the first <see cref="Raise"/> from now on.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Never blocks and runs no waiter's code.</summary>
    public void Raise()
    {
        // Most changes happen while nobody waits; a completed source is then simply replaced.
        Interlocked.Exchange(ref _next, NewSource()).TrySetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
