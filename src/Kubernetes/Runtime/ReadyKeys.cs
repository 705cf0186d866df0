using System.Diagnostics.CodeAnalysis;

namespace CertOperator.Kubernetes;

/// <summary>The keys of a work queue that wait for a worker: first in, first out, in two priorities.</summary>
internal sealed class ReadyKeys<TKey>
    where TKey : notnull
{
    // Of this many keys handed out while low ones wait, one is low: a stream of live changes cannot hold them back forever.
    private const int LowShare = 10;

    private readonly LinkedList<WorkItem<TKey>> _normal = new();
    private readonly LinkedList<WorkItem<TKey>> _low = new();
    private int _normalInARow;

    public int Count => _normal.Count + _low.Count;

    /// <summary>Appends the item, unless it waits already. A low item that is added as a normal one moves up.</summary>
    public void Add(WorkItem<TKey> item, WorkPriority priority)
    {
        if (item.IsReady)
        {
            if (priority == WorkPriority.Low || item.Node.List == _normal)
            {
                return;
            }

            _low.Remove(item.Node);
        }

        (priority == WorkPriority.Low ? _low : _normal).AddLast(item.Node);
    }

    public bool TryTake([NotNullWhen(true)] out WorkItem<TKey>? item)
    {
        bool low = _low.Count > 0 && (_normal.Count == 0 || _normalInARow >= LowShare - 1);
        LinkedList<WorkItem<TKey>> list = low ? _low : _normal;
        item = list.First?.Value;
        if (item is null)
        {
            return false;
        }

        _normalInARow = low || _low.Count == 0 ? 0 : _normalInARow + 1;
        list.RemoveFirst();
        return true;
    }
}
