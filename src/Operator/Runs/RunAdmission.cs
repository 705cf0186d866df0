using CertOperator.Kubernetes;

namespace CertOperator.Operator.Runs;

/// <summary>
/// Limits how many runs are in progress at once. Beyond the limit keys wait in the order they came and are woken, one per free place;
/// so a thousand policies that are due together finish one after the other instead of all at the end.
/// </summary>
public sealed class RunAdmission(int places) : ITermMemory
{
    private readonly Lock _lock = new();
    private readonly HashSet<NamespacedName> _inProgress = [];
    private readonly HashSet<NamespacedName> _barred = [];
    private readonly LinkedList<(NamespacedName Key, Action Wake)> _waiting = new();
    private readonly Dictionary<NamespacedName, LinkedListNode<(NamespacedName Key, Action Wake)>> _nodes = [];

    public int InProgress
    {
        get
        {
            lock (_lock)
            {
                return _inProgress.Count;
            }
        }
    }

    public bool HasPlace => InProgress < places;

    /// <summary>Takes a place for a run, or remembers whom to wake when there is one. Asking again for the same run is free.</summary>
    public bool TryEnter(NamespacedName run, Action wake)
    {
        lock (_lock)
        {
            if (_inProgress.Contains(run))
            {
                return true;
            }

            if (_barred.Contains(run))
            {
                return false;
            }

            if (_inProgress.Count < places)
            {
                Forget(run);
                _inProgress.Add(run);
                return true;
            }

            if (!_nodes.ContainsKey(run))
            {
                _nodes[run] = _waiting.AddLast((run, wake));
            }

            return false;
        }
    }

    /// <summary>Whether a run has a place, and so has begun or is about to.</summary>
    public bool HasEntered(NamespacedName run)
    {
        lock (_lock)
        {
            return _inProgress.Contains(run);
        }
    }

    /// <summary>Keeps a run from taking a place, so that it can be deleted before it has begun.</summary>
    /// <returns>False where it has one.</returns>
    public bool TryBar(NamespacedName run)
    {
        lock (_lock)
        {
            if (_inProgress.Contains(run))
            {
                return false;
            }

            Forget(run);
            _barred.Add(run);
            return true;
        }
    }

    /// <summary>Ends what <see cref="TryBar"/> began.</summary>
    public void Unbar(NamespacedName run)
    {
        lock (_lock)
        {
            _barred.Remove(run);
        }
    }

    /// <summary>Counts a run that was in progress before this process, whatever the limit.</summary>
    public void Enter(NamespacedName run)
    {
        lock (_lock)
        {
            Forget(run);
            _inProgress.Add(run);
        }
    }

    public void Leave(NamespacedName run)
    {
        var wake = new List<Action>();
        lock (_lock)
        {
            Forget(run);
            var free = _inProgress.Remove(run) ? places - _inProgress.Count : 0;

            // One for each free place: who was woken before may have wanted it no longer, and then nobody has taken it.
            while (wake.Count < free && _waiting.First is { } next)
            {
                wake.Add(next.Value.Wake);
                Forget(next.Value.Key);
            }
        }

        wake.ForEach(w => w());
    }

    /// <summary>Frees every place and forgets who waits, such as after the leadership was lost.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _inProgress.Clear();
            _barred.Clear();
            _waiting.Clear();
            _nodes.Clear();
        }
    }

    private void Forget(NamespacedName run)
    {
        if (_nodes.Remove(run, out var node))
        {
            _waiting.Remove(node);
        }
    }
}
