namespace CertOperator.Kubernetes;

/// <summary>
/// A binary heap by due time in which each item knows its place, so that an earlier time for the same key moves the
/// item instead of leaving a stale one behind.
/// </summary>
internal sealed class DelayHeap<TKey>
    where TKey : notnull
{
    private readonly List<WorkItem<TKey>> _items = [];
    private long _sequence;

    public int Count => _items.Count;

    public WorkItem<TKey> First => _items[0];

    /// <summary>Inserts the item, or moves it if the new time is earlier than the one it has.</summary>
    public void AddOrAdvance(WorkItem<TKey> item, TimeSpan due, WorkPriority priority)
    {
        if (item.HeapIndex >= 0)
        {
            if (priority < item.DuePriority)
            {
                item.DuePriority = priority;
            }

            if (due >= item.Due)
            {
                return;
            }

            item.Due = due;
        }
        else
        {
            item.Due = due;
            item.DuePriority = priority;
            item.DueSequence = _sequence++;
            item.HeapIndex = _items.Count;
            _items.Add(item);
        }

        MoveUp(item);
    }

    public WorkItem<TKey> RemoveFirst()
    {
        WorkItem<TKey> first = _items[0];
        WorkItem<TKey> last = _items[^1];
        _items.RemoveAt(_items.Count - 1);
        first.HeapIndex = -1;
        if (last != first)
        {
            Place(last, 0);
            MoveDown(last);
        }

        return first;
    }

    private static bool Before(WorkItem<TKey> a, WorkItem<TKey> b) =>
        a.Due != b.Due ? a.Due < b.Due : a.DueSequence < b.DueSequence;

    private void MoveUp(WorkItem<TKey> item)
    {
        while (item.HeapIndex > 0)
        {
            int index = item.HeapIndex;
            WorkItem<TKey> parent = _items[(index - 1) / 2];
            if (!Before(item, parent))
            {
                return;
            }

            Place(item, parent.HeapIndex);
            Place(parent, index);
        }
    }

    private void MoveDown(WorkItem<TKey> item)
    {
        while (true)
        {
            int index = item.HeapIndex;
            int child = (2 * index) + 1;
            if (child >= _items.Count)
            {
                return;
            }

            if (child + 1 < _items.Count && Before(_items[child + 1], _items[child]))
            {
                child++;
            }

            WorkItem<TKey> smaller = _items[child];
            if (!Before(smaller, item))
            {
                return;
            }

            Place(smaller, index);
            Place(item, child);
        }
    }

    private void Place(WorkItem<TKey> item, int index)
    {
        _items[index] = item;
        item.HeapIndex = index;
    }
}
