namespace CertOperator.Kubernetes;

/// <summary>
/// A queue of keys that are to be worked on. A key is in it at most once, is never handed to two workers at a time, and
/// a key that is added while a worker has it comes back when that worker is done: no change is lost and none is worked
/// on twice. All members are safe for use by many threads.
/// </summary>
/// <remarks>
/// Nothing polls: waiting workers sleep in <see cref="GetAsync"/>, and all delayed keys share one timer, so ten
/// thousand of them cost their memory only.
/// </remarks>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, WorkItem<TKey>> _items = [];
    private readonly ReadyKeys<TKey> _ready = new();
    private readonly LinkedList<TaskCompletionSource<TKey>> _waiters = new();
    private readonly DelayedKeys<TKey> _delayed;
    private readonly WorkQueueOptions _options;
    private readonly Jitter _jitter;
    private TaskCompletionSource? _idle;
    private int _processing;
    private long _retries;
    private bool _closed;

    /// <param name="options">The backoff.</param>
    /// <param name="timeProvider">The clock of all delays.</param>
    /// <param name="random">For the jitter of the backoff. It may be shared with other parts of this library.</param>
    public WorkQueue(WorkQueueOptions options, TimeProvider timeProvider, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _options = options;
        _jitter = new Jitter(random);
        _delayed = new DelayedKeys<TKey>(timeProvider, MoveDueKeys);
    }

    /// <summary>Keys that wait for a worker now.</summary>
    public int Depth
    {
        get
        {
            lock (_lock)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>Keys whose delay is not over.</summary>
    public int Delayed
    {
        get
        {
            lock (_lock)
            {
                return _delayed.Count;
            }
        }
    }

    /// <summary>Keys that workers have now.</summary>
    public int Processing
    {
        get
        {
            lock (_lock)
            {
                return _processing;
            }
        }
    }

    /// <summary>How often <see cref="AddRateLimited"/> was called, since the start.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Adds the key, unless it already waits. A low key that is added as a normal one moves up.</summary>
    public void Add(TKey key, WorkPriority priority = WorkPriority.Normal)
    {
        lock (_lock)
        {
            if (!_closed)
            {
                AddNow(GetOrCreate(key), priority);
            }
        }
    }

    /// <summary>Adds the key after the delay. Of several delays for one key the one that ends first counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay, WorkPriority priority = WorkPriority.Normal)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            WorkItem<TKey> item = GetOrCreate(key);
            if (delay <= TimeSpan.Zero)
            {
                AddNow(item, priority);
                return;
            }

            _delayed.Add(item, delay, priority);
        }
    }

    /// <summary>Counts a failure of the key and adds it after its backoff.</summary>
    /// <returns>The backoff.</returns>
    public TimeSpan AddRateLimited(TKey key)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return TimeSpan.Zero;
            }

            Interlocked.Increment(ref _retries);
            WorkItem<TKey> item = GetOrCreate(key);
            item.Failures++;
            TimeSpan delay = _options.Backoff(item.Failures, _jitter.Next());
            AddAfter(key, delay);
            return delay;
        }
    }

    /// <summary>Ends the key's backoff: its next failure counts as the first.</summary>
    public void Forget(TKey key)
    {
        lock (_lock)
        {
            if (_items.TryGetValue(key, out WorkItem<TKey>? item))
            {
                item.Failures = 0;
                RemoveIfIdle(item);
            }
        }
    }

    /// <summary>How often the key failed since it was last forgotten.</summary>
    public int NumRequeues(TKey key)
    {
        lock (_lock)
        {
            return _items.TryGetValue(key, out WorkItem<TKey>? item) ? item.Failures : 0;
        }
    }

    /// <summary>
    /// Waits for a key, first come first served, and hands it to the caller, who must call <see cref="Done"/> with it.
    /// </summary>
    /// <exception cref="WorkQueueClosedException">The queue was shut down and is empty.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; no key was taken.</exception>
    public ValueTask<TKey> GetAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource<TKey>> waiter;
        lock (_lock)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<TKey>(cancellationToken);
            }

            if (_ready.TryTake(out WorkItem<TKey>? item))
            {
                HandOut(item);
                return ValueTask.FromResult(item.Key);
            }

            if (_closed)
            {
                return ValueTask.FromException<TKey>(new WorkQueueClosedException());
            }

            waiter = _waiters.AddLast(new TaskCompletionSource<TKey>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return WaitAsync(waiter, cancellationToken);
    }

    /// <summary>The worker is done with the key. If it was added meanwhile, it waits again from now on.</summary>
    /// <exception cref="InvalidOperationException">No worker has the key.</exception>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            if (!_items.TryGetValue(key, out WorkItem<TKey>? item) || !item.Processing)
            {
                throw new InvalidOperationException($"Done was called for {key}, which no worker has.");
            }

            item.Processing = false;
            _processing--;
            if (item.Again is { } priority)
            {
                item.Again = null;
                AddNow(item, priority);
            }

            RemoveIfIdle(item);
            SignalIdle();
        }
    }

    /// <summary>
    /// Takes no more keys and drops the delayed ones. Keys that already wait are still handed out; after them
    /// <see cref="GetAsync"/> ends with <see cref="WorkQueueClosedException"/>.
    /// </summary>
    public void ShutDown()
    {
        lock (_lock)
        {
            _closed = true;
            while (_delayed.TryTakeAny(out WorkItem<TKey>? item))
            {
                RemoveIfIdle(item);
            }

            foreach (TaskCompletionSource<TKey> waiter in _waiters)
            {
                waiter.SetException(new WorkQueueClosedException());
            }

            _waiters.Clear();
        }
    }

    /// <summary>Ends when no key waits and no worker has one. Delayed keys do not count.</summary>
    public Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_processing == 0 && _ready.Count == 0)
            {
                return Task.CompletedTask;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Shuts the queue down and frees its timer.</summary>
    public void Dispose()
    {
        ShutDown();
        _delayed.Dispose();
    }

    private WorkItem<TKey> GetOrCreate(TKey key)
    {
        if (!_items.TryGetValue(key, out WorkItem<TKey>? item))
        {
            item = new WorkItem<TKey>(key);
            _items.Add(key, item);
        }

        return item;
    }

    private void RemoveIfIdle(WorkItem<TKey> item)
    {
        if (item.IsIdle)
        {
            _items.Remove(item.Key);
        }
    }

    private void AddNow(WorkItem<TKey> item, WorkPriority priority)
    {
        if (item.Processing)
        {
            item.Again = item.Again is { } earlier && earlier < priority ? earlier : priority;
        }
        else if (_waiters.First is { } waiter)
        {
            _waiters.Remove(waiter);
            HandOut(item);
            waiter.Value.SetResult(item.Key);
        }
        else
        {
            _ready.Add(item, priority);
        }
    }

    private void HandOut(WorkItem<TKey> item)
    {
        item.Processing = true;
        _processing++;
    }

    private async ValueTask<TKey> WaitAsync(LinkedListNode<TaskCompletionSource<TKey>> waiter, CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(_ => Cancel(waiter, cancellationToken), null))
        {
            return await waiter.Value.Task;
        }
    }

    private void Cancel(LinkedListNode<TaskCompletionSource<TKey>> waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // A waiter that is no longer in the list already has its key: cancelling it now would lose that key.
            if (waiter.List is not null)
            {
                _waiters.Remove(waiter);
                waiter.Value.SetCanceled(cancellationToken);
            }
        }
    }

    private void MoveDueKeys()
    {
        lock (_lock)
        {
            while (_delayed.TryTakeDue(out WorkItem<TKey>? item))
            {
                AddNow(item, item.DuePriority);
            }
        }
    }

    private void SignalIdle()
    {
        if (_idle is not null && _processing == 0 && _ready.Count == 0)
        {
            _idle.SetResult();
            _idle = null;
        }
    }
}
