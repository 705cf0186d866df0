using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>What an API server knows of one kind: the objects, and the history that watches are served from.</summary>
internal sealed class FakeApi<T>(ResourceDefinition<T> definition)
    where T : class, IKubernetesObject
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, T> _objects = new(StringComparer.Ordinal);
    private readonly List<(long Version, T? Before, T? After)> _history = [];
    private TaskCompletionSource _changed = NewSignal();
    private Exception? _broken;
    private int _breaks;
    private long _version = 100;
    private long _oldest;

    public ResourceDefinition<T> Definition => definition;

    public int OpenWatches { get; private set; }

    /// <summary>Whether continue tokens have expired.</summary>
    public bool TokensExpired { get; set; }

    public string Version
    {
        get
        {
            lock (_lock)
            {
                return Text(_version);
            }
        }
    }

    public T? Find(NamespacedName name)
    {
        lock (_lock)
        {
            return _objects.TryGetValue(name.ToString(), out T? obj) ? Copy(obj) : null;
        }
    }

    public T Create(T obj)
    {
        lock (_lock)
        {
            var key = NamespacedName.Of(obj).ToString();
            return _objects.ContainsKey(key) ? throw new AlreadyExistsException($"{key} exists") : Store(key, null, Copy(obj));
        }
    }

    public T Update(T obj)
    {
        lock (_lock)
        {
            var key = NamespacedName.Of(obj).ToString();
            T before = _objects.TryGetValue(key, out T? found) ? found : throw new NotFoundException($"{key} does not exist");
            if (obj.Metadata.ResourceVersion is { } version && version != before.Metadata.ResourceVersion)
            {
                throw new ConflictException($"{key} is at {before.Metadata.ResourceVersion}, not {version}");
            }

            return Store(key, before, Copy(obj));
        }
    }

    public T Patch(NamespacedName name, Patch patch)
    {
        lock (_lock)
        {
            T before = _objects.TryGetValue(name.ToString(), out T? found) ? found : throw new NotFoundException($"{name} does not exist");
            JsonObject target = JsonSerializer.SerializeToNode(before, definition.TypeInfo)!.AsObject();
            foreach ((string field, JsonNode? value) in JsonNode.Parse(patch.Body.Span)!.AsObject())
            {
                target[field] = value?.DeepClone();
            }

            return Store(name.ToString(), before, target.Deserialize(definition.TypeInfo)!);
        }
    }

    public void Delete(NamespacedName name)
    {
        lock (_lock)
        {
            if (!_objects.Remove(name.ToString(), out T? before))
            {
                throw new NotFoundException($"{name} does not exist");
            }

            T last = Copy(before);
            last.Metadata.ResourceVersion = Text(++_version);
            _history.Add((_version, last, null));
            Signal();
        }
    }

    public KubernetesList<T> List(ListOptions options)
    {
        lock (_lock)
        {
            if (options.Continue is not null && TokensExpired)
            {
                throw new GoneException("the token is too old");
            }

            var selector = LabelSelector.Parse(options.LabelSelector);
            List<T> all = [.. _objects.Values.Where(o => Matches(o, options.Namespace, selector)).Select(Copy)];
            int start = int.Parse(options.Continue ?? "0", CultureInfo.InvariantCulture);
            int end = Math.Min(all.Count, start + (options.Limit ?? int.MaxValue - start));
            return new KubernetesList<T>
            {
                Metadata = new ListMeta { ResourceVersion = Text(_version), Continue = end < all.Count ? Text(end) : null },
                Items = all[start..end],
            };
        }
    }

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync(WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long position = long.Parse(options.ResourceVersion!, CultureInfo.InvariantCulture);
        var selector = LabelSelector.Parse(options.LabelSelector);
        int breaks;
        lock (_lock)
        {
            breaks = _breaks;
            OpenWatches++;
            Signal();
        }

        try
        {
            while (true)
            {
                List<WatchEvent<T>> events;
                Task changed;
                lock (_lock)
                {
                    if (breaks != _breaks)
                    {
                        if (_broken is { } broken)
                        {
                            throw broken;
                        }

                        yield break;
                    }

                    if (position < _oldest)
                    {
                        throw new GoneException($"version {position} is too old ({_oldest})");
                    }

                    if (position > _version)
                    {
                        throw new ServerUnavailableException(HttpStatusCode.GatewayTimeout, $"version {position} is too large ({_version})");
                    }

                    events = [.. _history.Where(h => h.Version > position).Select(h => ToEvent(h.Version, h.Before, h.After, options.Namespace, selector)).OfType<WatchEvent<T>>()];
                    position = _version;
                    changed = _changed.Task;
                }

                foreach (WatchEvent<T> change in events)
                {
                    yield return change;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            lock (_lock)
            {
                OpenWatches--;
                Signal();
            }
        }
    }

    /// <summary>Tells all watches the current version.</summary>
    public void Bookmark()
    {
        lock (_lock)
        {
            _history.Add((++_version, null, null));
            Signal();
        }
    }

    /// <summary>Ends all watches, with an error or as a server does it regularly.</summary>
    public void BreakWatches(Exception? broken)
    {
        lock (_lock)
        {
            _broken = broken;
            _breaks++;
            Signal();
        }
    }

    /// <summary>Forgets the history.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _oldest = _version;
            _history.Clear();
        }
    }

    /// <summary>Sets the version back and loses an object unseen, as the restoration of a backup does.</summary>
    public void GoBackTo(long version, NamespacedName lost)
    {
        lock (_lock)
        {
            _objects.Remove(lost.ToString());
            _version = version;
            _oldest = 0;
            _history.Clear();
        }
    }

    /// <summary>Ends when the condition holds; it is looked at after every change and whenever a watch begins or ends.</summary>
    public async Task WhenAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (condition())
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool Matches(T? obj, string? ns, LabelSelector selector) =>
        obj is not null && (string.IsNullOrEmpty(ns) || obj.Metadata.Namespace == ns) && selector.Matches(obj.Metadata.Labels);

    private WatchEvent<T>? ToEvent(long version, T? before, T? after, string? ns, LabelSelector selector)
    {
        if (before is null && after is null)
        {
            return new WatchEvent<T>.Bookmark(Text(version));
        }

        switch (Matches(before, ns, selector), Matches(after, ns, selector))
        {
            case (false, true):
                return new WatchEvent<T>.Added(Copy(after!));
            case (true, true):
                return new WatchEvent<T>.Modified(Copy(after!));
            case (true, false):
                T last = Copy(before!);
                last.Metadata.ResourceVersion = Text(version);
                return new WatchEvent<T>.Deleted(last);
            default:
                return null;
        }
    }

    private T Store(string key, T? before, T after)
    {
        after.Metadata.ResourceVersion = Text(++_version);
        after.Metadata.Uid = before?.Metadata.Uid ?? Guid.NewGuid().ToString();
        _objects[key] = after;
        _history.Add((_version, before, after));
        Signal();
        return Copy(after);
    }

    private T Copy(T obj) => JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(obj, definition.TypeInfo), definition.TypeInfo)!;

    private void Signal()
    {
        TaskCompletionSource changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }
}
