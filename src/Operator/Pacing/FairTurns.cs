using CertOperator.Kubernetes;

namespace CertOperator.Operator.Pacing;

/// <summary>Policies that let another namespace go first. Whenever one of that namespace has gone, one of theirs has its turn at once.</summary>
public sealed class FairTurns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedList<NamespacedName>> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<NamespacedName> _known = [];

    public void Wait(NamespacedName policy)
    {
        lock (_lock)
        {
            if (_known.Add(policy))
            {
                if (!_waiting.TryGetValue(policy.Namespace, out var list))
                {
                    _waiting[policy.Namespace] = list = [];
                }

                list.AddLast(policy);
            }
        }
    }

    /// <summary>One of each other namespace, the one that waits longest.</summary>
    public IReadOnlyList<NamespacedName> After(string @namespace)
    {
        lock (_lock)
        {
            var next = _waiting.Where(w => w.Key != @namespace).Select(w => w.Value.First!.Value).ToList();
            next.ForEach(Forget);
            return next;
        }
    }

    private void Forget(NamespacedName policy)
    {
        _known.Remove(policy);
        var list = _waiting[policy.Namespace];
        list.Remove(policy);
        if (list.Count == 0)
        {
            _waiting.Remove(policy.Namespace);
        }
    }
}
