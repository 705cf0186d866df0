namespace CertOperator.Kubernetes;

/// <summary>
/// The objects of one kind as the operator knows them: what an <see cref="Informer{T}"/> saw, and on top of it what our
/// own writes returned. All members are safe for use by many threads; what a read returns is a snapshot that no later
/// change alters.
/// </summary>
/// <remarks>
/// The objects are shared by all readers: whoever wants to change one changes a copy. Resource versions are compared as
/// numbers; where one is not a number, the later call wins.
/// </remarks>
public sealed class ObjectStore<T>
    where T : class, IKubernetesObject
{
    private readonly Lock _lock = new();
    private readonly Dictionary<NamespacedName, StoreSlot<T>> _slots = [];
    private readonly List<StoreIndex<T>> _indexes = [];
    private readonly StoreScope _scope;

    // Per watch, the version up to which all changes are in the store. Something older that is not in the store was
    // deleted, so no record of deleted objects is needed.
    private readonly Dictionary<string, ulong> _streamedTo = new(StringComparer.Ordinal);
    private T[]? _snapshot;
    private int _lists;

    /// <summary>An empty store for all namespaces.</summary>
    public ObjectStore()
        : this(new StoreScope([], LabelSelector.Parse(null)))
    {
    }

    internal ObjectStore(StoreScope scope) => _scope = scope;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _slots.Count;
            }
        }
    }

    /// <summary>Adds an index, also for the objects that are there already.</summary>
    /// <param name="name">For <see cref="ByIndex"/>.</param>
    /// <param name="getValues">The values under which an object is found. It runs under a lock: it must be quick and must not throw.</param>
    /// <exception cref="ArgumentException">There is an index of this name.</exception>
    public void AddIndexer(string name, Func<T, IEnumerable<string>> getValues)
    {
        ArgumentNullException.ThrowIfNull(getValues);
        lock (_lock)
        {
            if (_indexes.Exists(i => i.Name == name))
            {
                throw new ArgumentException($"There is already an index \"{name}\".", nameof(name));
            }

            var index = new StoreIndex<T>(name, _indexes.Count, getValues);
            foreach (StoreSlot<T> slot in _slots.Values)
            {
                index.Add(slot, index.ValuesOf(slot.Current));
            }

            _indexes.Add(index);
        }
    }

    /// <returns>The object, or null.</returns>
    public T? Get(NamespacedName key)
    {
        lock (_lock)
        {
            return _slots.TryGetValue(key, out StoreSlot<T>? slot) ? slot.Current : null;
        }
    }

    /// <returns>All objects, in no particular order. Costs nothing while nothing changes.</returns>
    public IReadOnlyList<T> List()
    {
        lock (_lock)
        {
            return _snapshot ??= [.. _slots.Values.Select(s => s.Current)];
        }
    }

    /// <returns>The objects that the index has under the value, in no particular order.</returns>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    public IReadOnlyList<T> ByIndex(string index, string value)
    {
        lock (_lock)
        {
            StoreIndex<T> found = _indexes.Find(i => i.Name == index)
                ?? throw new ArgumentException($"There is no index \"{index}\".", nameof(index));
            return found.Find(value);
        }
    }

    /// <summary>
    /// Puts in what a write of our own returned, so that the next read sees it even if the watch lags behind. Handlers
    /// of the informer hear nothing of it now; they do when the watch brings the same version.
    /// </summary>
    /// <returns>False if the store knows better: it has the same or a newer version, the object was deleted later than
    /// this version, or it is none that the informer watches.</returns>
    public bool Observe(T written)
    {
        ArgumentNullException.ThrowIfNull(written);
        lock (_lock)
        {
            if (!_scope.Contains(written))
            {
                return false;
            }

            var key = NamespacedName.Of(written);
            ulong? version = ResourceVersions.Parse(written.Metadata.ResourceVersion);
            if (_slots.TryGetValue(key, out StoreSlot<T>? slot))
            {
                if (version <= ResourceVersions.Parse(slot.Current.Metadata.ResourceVersion))
                {
                    return false;
                }

                SetCurrent(slot, written);
                return true;
            }

            if (_streamedTo.TryGetValue(_scope.WatchOf(key.Namespace), out ulong streamedTo) && version <= streamedTo)
            {
                return false;
            }

            AddSlot(key, new StoreSlot<T>(written, null));
            return true;
        }
    }

    /// <summary>Takes in a new state from the watch.</summary>
    /// <returns>What handlers must be told; null if they know that version already.</returns>
    internal ObjectChange<T>? Upsert(string watch, T obj)
    {
        lock (_lock)
        {
            AdvanceTo(watch, obj.Metadata.ResourceVersion);
            return Upsert(obj, ObjectChangeOrigin.Live);
        }
    }

    /// <summary>Takes in a deletion from the watch.</summary>
    /// <param name="watch">The watch that brought it.</param>
    /// <param name="last">The last state, with the version of the deletion.</param>
    /// <returns>What handlers must be told; null if nobody knew the object.</returns>
    internal ObjectChange<T>? Remove(string watch, T last)
    {
        lock (_lock)
        {
            AdvanceTo(watch, last.Metadata.ResourceVersion);
            var key = NamespacedName.Of(last);
            if (!_slots.TryGetValue(key, out StoreSlot<T>? slot))
            {
                return null;
            }

            var change = new ObjectChange<T>(ObjectChangeKind.Deleted, last, slot.Delivered ?? last, ObjectChangeOrigin.Live);
            RemoveUpTo(key, slot, ResourceVersions.Parse(last.Metadata.ResourceVersion));
            return change;
        }
    }

    /// <summary>Takes in a complete list.</summary>
    /// <returns>What handlers must be told, deletions last.</returns>
    internal List<ObjectChange<T>> Replace(string watch, IReadOnlyList<T> objects, string version, ObjectChangeOrigin origin)
    {
        lock (_lock)
        {
            AdvanceTo(watch, version);
            ulong? listed = ResourceVersions.Parse(version);
            var changes = new List<ObjectChange<T>>();
            _lists++;
            _slots.EnsureCapacity(objects.Count);
            foreach (T obj in objects)
            {
                if (Upsert(obj, origin) is { } change)
                {
                    changes.Add(change);
                }

                _slots[NamespacedName.Of(obj)].SeenInList = _lists;
            }

            foreach ((NamespacedName key, StoreSlot<T> slot) in _slots.Where(s => s.Value.SeenInList != _lists && _scope.WatchOf(s.Key.Namespace) == watch).ToList())
            {
                T? delivered = slot.Delivered;
                T? last = RemoveUpTo(key, slot, listed) ? slot.Current : delivered;
                if (last is not null)
                {
                    changes.Add(new ObjectChange<T>(ObjectChangeKind.Deleted, last, delivered ?? last, ObjectChangeOrigin.Live));
                }
            }

            return changes;
        }
    }

    /// <summary>All changes up to the version are in the store.</summary>
    internal void Bookmark(string watch, string version)
    {
        lock (_lock)
        {
            AdvanceTo(watch, version);
        }
    }

    /// <returns>The states that handlers were told last.</returns>
    internal List<T> Delivered()
    {
        lock (_lock)
        {
            return [.. _slots.Values.Select(s => s.Delivered).OfType<T>()];
        }
    }

    private ObjectChange<T>? Upsert(T obj, ObjectChangeOrigin origin)
    {
        var key = NamespacedName.Of(obj);
        if (!_slots.TryGetValue(key, out StoreSlot<T>? slot))
        {
            AddSlot(key, new StoreSlot<T>(obj, obj));
            return new ObjectChange<T>(ObjectChangeKind.Added, obj, null, origin);
        }

        T? previous = slot.Delivered;
        if (previous is not null && obj.Metadata.ResourceVersion is { Length: > 0 } version && version == previous.Metadata.ResourceVersion)
        {
            return null;
        }

        // Only a write of our own may be newer than the stream. Otherwise the stream is right even if its version is
        // lower, as after the restoration of a backup.
        bool keep = slot.IsAheadOfStream && ResourceVersions.IsNewer(slot.Current, obj);
        slot.Delivered = obj;
        if (!keep)
        {
            SetCurrent(slot, obj);
        }

        return previous is null
            ? new ObjectChange<T>(ObjectChangeKind.Added, obj, null, origin)
            : new ObjectChange<T>(ObjectChangeKind.Modified, obj, previous, ObjectChangeOrigin.Live);
    }

    /// <summary>Removes an object that was deleted at a version, unless a write of our own has made it anew since.</summary>
    /// <returns>Whether it was removed.</returns>
    private bool RemoveUpTo(NamespacedName key, StoreSlot<T> slot, ulong? version)
    {
        if (slot.IsAheadOfStream && ResourceVersions.IsAfter(slot.Current.Metadata.ResourceVersion, version))
        {
            slot.Delivered = null;
            return false;
        }

        _slots.Remove(key);
        _indexes.ForEach(i => i.Remove(slot));
        _snapshot = null;
        return true;
    }

    private void AddSlot(NamespacedName key, StoreSlot<T> slot)
    {
        List<string[]> values = _indexes.ConvertAll(i => i.ValuesOf(slot.Current));
        _slots.Add(key, slot);
        for (int i = 0; i < values.Count; i++)
        {
            _indexes[i].Add(slot, values[i]);
        }

        _snapshot = null;
    }

    private void SetCurrent(StoreSlot<T> slot, T obj)
    {
        List<string[]> values = _indexes.ConvertAll(i => i.ValuesOf(obj));
        slot.Current = obj;
        for (int i = 0; i < values.Count; i++)
        {
            _indexes[i].Change(slot, values[i]);
        }

        _snapshot = null;
    }

    private void AdvanceTo(string watch, string? version)
    {
        if (ResourceVersions.Parse(version) is { } number)
        {
            _streamedTo[watch] = number;
        }
    }
}
