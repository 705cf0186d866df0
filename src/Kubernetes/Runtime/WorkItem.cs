namespace CertOperator.Kubernetes;

/// <summary>All that the work queue knows of one key. Guarded by the queue's lock.</summary>
internal sealed class WorkItem<TKey>
    where TKey : notnull
{
    public WorkItem(TKey key)
    {
        Key = key;
        Node = new LinkedListNode<WorkItem<TKey>>(this);
    }

    public TKey Key { get; }

    /// <summary>In one of the ready lists, or in none. Kept for the item's life, so that moving it allocates nothing.</summary>
    public LinkedListNode<WorkItem<TKey>> Node { get; }

    /// <summary>A worker has it.</summary>
    public bool Processing { get; set; }

    /// <summary>Added while a worker had it: goes back into the queue at Done.</summary>
    public WorkPriority? Again { get; set; }

    /// <summary>When a delayed add is due, on the queue's own time axis; meaningful while <see cref="HeapIndex"/> is not -1.</summary>
    public TimeSpan Due { get; set; }

    public WorkPriority DuePriority { get; set; }

    public long DueSequence { get; set; }

    public int HeapIndex { get; set; } = -1;

    public int Failures { get; set; }

    public bool IsReady => Node.List is not null;

    public bool IsIdle => !IsReady && !Processing && HeapIndex < 0 && Failures == 0;
}
