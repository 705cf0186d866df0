using System.Diagnostics.CodeAnalysis;

namespace CertOperator.Kubernetes;

/// <summary>The delayed keys of a work queue and the one timer for all of them. Guarded by the queue's lock.</summary>
internal sealed class DelayedKeys<TKey> : IDisposable
    where TKey : notnull
{
    // A timer cannot wait longer than about 49 days; after this time it is simply set again.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(36500);

    private readonly DelayHeap<TKey> _heap = new();
    private readonly TimeProvider _timeProvider;
    private readonly long _origin;
    private readonly ITimer _timer;
    private TimeSpan _timerDue = TimeSpan.MaxValue;

    public DelayedKeys(TimeProvider timeProvider, Action fired)
    {
        _timeProvider = timeProvider;
        _origin = timeProvider.GetTimestamp();
        _timer = timeProvider.CreateTimer(_ => fired(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count => _heap.Count;

    public void Add(WorkItem<TKey> item, TimeSpan delay, WorkPriority priority)
    {
        _heap.AddOrAdvance(item, Now() + (delay < LongestDelay ? delay : LongestDelay), priority);
        SetTimer();
    }

    /// <summary>Takes an item that is due. When there is none, the timer is set for the next.</summary>
    public bool TryTakeDue([NotNullWhen(true)] out WorkItem<TKey>? item)
    {
        if (_heap.Count > 0 && _heap.First.Due <= Now())
        {
            item = _heap.RemoveFirst();
            return true;
        }

        item = null;
        _timerDue = TimeSpan.MaxValue;
        SetTimer();
        return false;
    }

    public bool TryTakeAny([NotNullWhen(true)] out WorkItem<TKey>? item)
    {
        item = _heap.Count > 0 ? _heap.RemoveFirst() : null;
        return item is not null;
    }

    public void Dispose() => _timer.Dispose();

    private TimeSpan Now() => _timeProvider.GetElapsedTime(_origin);

    private void SetTimer()
    {
        if (_heap.Count == 0 || _heap.First.Due == _timerDue)
        {
            return;
        }

        _timerDue = _heap.First.Due;

        // Rounded up to whole milliseconds, which is what a timer can do: rounded down it would fire before the key is due.
        TimeSpan wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((_timerDue - Now()).TotalMilliseconds)));
        _timer.Change(wait < LongestTimer ? wait : LongestTimer, Timeout.InfiniteTimeSpan);
    }
}
