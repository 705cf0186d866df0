namespace CertOperator.TestSupport;

/// <summary>
/// A clock that moves only when a test moves it. Timers, and so <c>Task.Delay</c> and <c>CancellationTokenSource</c> with
/// this provider, fire inside <see cref="Advance"/>, in the order in which they are due, each with the clock at its time.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private readonly DateTimeOffset _start;
    private DateTimeOffset _now;
    private long _sequence;

    /// <param name="start">The time at which the clock stands. <value>2030-01-01T00:00:00Z.</value></param>
    public ManualTimeProvider(DateTimeOffset? start = null) => _start = _now = start ?? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How many timers are set.</summary>
    public int TimerCount
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => (GetUtcNow() - _start).Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock forward, firing every timer on the way, also those that a callback sets.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        AdvanceTo(GetUtcNow() + by);
    }

    /// <summary>Moves the clock to a time that is not in its past.</summary>
    public void AdvanceTo(DateTimeOffset time)
    {
        while (TakeNext(time) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>Completes once at least <paramref name="count"/> timers are set: the code under test has come to its delay.</summary>
    public Task WaitForTimersAsync(int count = 1, CancellationToken ct = default)
    {
        lock (_lock)
        {
            if (_timers.Count >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(ct);
        }
    }

    private ManualTimer? TakeNext(DateTimeOffset limit)
    {
        lock (_lock)
        {
            ManualTimer? next = _timers.Where(t => t.Due <= limit).MinBy(t => (t.Due, t.Sequence));
            if (next is null)
            {
                _now = _now > limit ? _now : limit;
                return null;
            }

            _now = _now > next.Due ? _now : next.Due;
            if (next.Period > TimeSpan.Zero)
            {
                Set(next, next.Due + next.Period, next.Period);
            }
            else
            {
                _timers.Remove(next);
            }

            return next;
        }
    }

    /// <returns>Whether the timer is due at once.</returns>
    private bool Schedule(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        List<TaskCompletionSource> reached;
        bool dueNow = dueTime == TimeSpan.Zero;
        lock (_lock)
        {
            _timers.Remove(timer);
            if (dueTime > TimeSpan.Zero)
            {
                Set(timer, _now + dueTime, period);
                _timers.Add(timer);
            }
            else if (dueNow && period > TimeSpan.Zero)
            {
                Set(timer, _now + period, period);
                _timers.Add(timer);
            }

            reached = [.. _waiters.Where(w => w.Count <= _timers.Count).Select(w => w.Reached)];
            _waiters.RemoveAll(w => w.Count <= _timers.Count);
        }

        reached.ForEach(r => r.TrySetResult());
        return dueNow;
    }

    private void Set(ManualTimer timer, DateTimeOffset due, TimeSpan period)
    {
        timer.Due = due;
        timer.Period = period;
        timer.Sequence = ++_sequence;
    }

    private bool Remove(ManualTimer timer)
    {
        lock (_lock)
        {
            return _timers.Remove(timer);
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private volatile bool _disposed;

        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; set; }

        /// <summary>Orders timers that are due at the same time by when they were set.</summary>
        public long Sequence { get; set; }

        public void Fire()
        {
            if (!_disposed)
            {
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_disposed)
            {
                return false;
            }

            if (clock.Schedule(this, dueTime, period))
            {
                Fire();
            }

            return true;
        }

        public void Dispose()
        {
            _disposed = true;
            clock.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
