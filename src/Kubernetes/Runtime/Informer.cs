using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes;

/// <summary>
/// Keeps all objects of one kind in an <see cref="ObjectStore{T}"/> and tells handlers of every change. One per kind
/// serves the whole process. It survives restarts of the API server, lost history and broken connections: what changed
/// meanwhile is found by comparing lists, deletions included.
/// </summary>
public sealed class Informer<T> : IReflectorSink<T>
    where T : class, IKubernetesObject
{
    private readonly IResourceClient<T> _client;
    private readonly InformerOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Jitter _jitter;
    private readonly ILogger _logger;
    private readonly StoreScope _scope;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Held while the store changes and handlers run, so that they hear of changes one after the other and in order.
    private readonly Lock _dispatch = new();
    private readonly HashSet<string> _unsynced;
    private Action<ObjectChange<T>>[] _handlers = [];
    private int _started;

    /// <summary>
    /// What is kept of each object, such as without parts that nobody reads, which may be the same instance changed. Called for
    /// every object before anything else sees it. It must be quick and leave name, namespace, version and indexed values alone.
    /// </summary>
    /// <value>Default: null, for all of it.</value>
    public Func<T, T>? Transform { get; init; }

    /// <exception cref="ArgumentException">An option has no sense.</exception>
    /// <exception cref="FormatException">The label selector is none.</exception>
    public Informer(IResourceClient<T> client, InformerOptions options, TimeProvider timeProvider, Random random, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate(client.Definition.Namespaced);
        _client = client;
        _options = options;
        _timeProvider = timeProvider;
        _jitter = new Jitter(random);
        _logger = logger;
        _scope = new StoreScope(options.Namespaces, LabelSelector.Parse(options.LabelSelector));
        _unsynced = new HashSet<string>(_scope.Namespaces, StringComparer.Ordinal);
        Store = new ObjectStore<T>(_scope);
    }

    /// <summary>
    /// Tells of changes that came from the API server, one at a time, in order for each object and after the store has
    /// them. A handler that subscribes late first hears of every object as added. Handlers must be quick: they add a
    /// key to a queue. One that throws is logged and stops nobody else.
    /// </summary>
    [SuppressMessage("Design", "CA1003", Justification = "Handlers are many calls a second; they need no sender and no object per call.")]
    public event Action<ObjectChange<T>> Changed
    {
        add
        {
            lock (_dispatch)
            {
                foreach (T obj in Store.Delivered())
                {
                    Call(value, new ObjectChange<T>(ObjectChangeKind.Added, obj, null, ObjectChangeOrigin.Initial));
                }

                _handlers = [.. _handlers, value];
            }
        }

        remove
        {
            lock (_dispatch)
            {
                int index = Array.LastIndexOf(_handlers, value);
                _handlers = index < 0 ? _handlers : [.. _handlers[..index], .. _handlers[(index + 1)..]];
            }
        }
    }

    public ObjectStore<T> Store { get; }

    /// <summary>The first list of every namespace is in the store, and handlers have heard of it.</summary>
    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>Waits for <see cref="HasSynced"/>.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    /// <summary>Works until it is cancelled, and returns then. No failure ends it.</summary>
    /// <exception cref="InvalidOperationException">It was run before.</exception>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) == 1)
        {
            throw new InvalidOperationException("An informer runs once.");
        }

        var tasks = new List<Task>();
        foreach (string ns in _scope.Namespaces)
        {
            var scope = new ListOptions { Namespace = ns, LabelSelector = _options.LabelSelector, Limit = _options.PageSize };
            var reflector = new Reflector<T>(_client, scope, this, _timeProvider, _jitter, _logger) { FirstListFromCache = _options.FirstListFromCache };
            tasks.Add(Task.Run(() => reflector.RunAsync(cancellationToken), CancellationToken.None));
        }

        if (_options.ResyncPeriod is { } period)
        {
            tasks.Add(ResyncAsync(period, cancellationToken));
        }

        return Task.WhenAll(tasks);
    }

    T IReflectorSink<T>.Trim(T obj) => Trim(obj);

    void IReflectorSink<T>.Replace(string ns, IReadOnlyList<T> objects, string version)
    {
        lock (_dispatch)
        {
            ObjectChangeOrigin origin = _unsynced.Contains(ns) ? ObjectChangeOrigin.Initial : ObjectChangeOrigin.Live;
            foreach (ObjectChange<T> change in Store.Replace(ns, objects, version, origin))
            {
                CallAll(change);
            }

            if (_unsynced.Remove(ns) && _unsynced.Count == 0)
            {
                _synced.SetResult();
            }
        }
    }

    void IReflectorSink<T>.Apply(string ns, WatchEvent<T> change)
    {
        lock (_dispatch)
        {
            switch (change)
            {
                case WatchEvent<T>.Added(var obj):
                    CallAll(Store.Upsert(ns, Trim(obj)));
                    break;
                case WatchEvent<T>.Modified(var obj):
                    CallAll(Store.Upsert(ns, Trim(obj)));
                    break;
                case WatchEvent<T>.Deleted(var obj):
                    CallAll(Store.Remove(ns, obj));
                    break;
                case WatchEvent<T>.Bookmark(var version):
                    Store.Bookmark(ns, version);
                    break;
            }
        }
    }

    private T Trim(T obj) => Transform is { } transform ? transform(obj) : obj;

    private async Task ResyncAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(period, _timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                lock (_dispatch)
                {
                    foreach (T obj in Store.Delivered())
                    {
                        CallAll(new ObjectChange<T>(ObjectChangeKind.Modified, obj, obj, ObjectChangeOrigin.Resync));
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end, as asked.
        }
    }

    private void CallAll(ObjectChange<T>? change)
    {
        if (change is not null)
        {
            foreach (Action<ObjectChange<T>> handler in _handlers)
            {
                Call(handler, change.Value);
            }
        }
    }

    private void Call(Action<ObjectChange<T>> handler, ObjectChange<T> change)
    {
        try
        {
            handler(change);
        }
        catch (Exception e)
        {
            InformerLog.HandlerFailed(_logger, e, change.Kind, _client.Definition.Plural, change.Key);
        }
    }
}
