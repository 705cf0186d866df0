using CertOperator.Kubernetes;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator;

/// <summary>
/// Shows that the queues are worked off: with each sweep a key without work goes into each of them, and only when every one has been taken by
/// a worker did the sweep succeed. A timer alone goes on beside workers that all hang.
/// </summary>
public sealed class Pulse(CertOperatorMetrics metrics, TimeProvider time)
{
    /// <summary>No object has it: all that are reconciled have a namespace.</summary>
    private static readonly NamespacedName Key = new("", "pulse");

    private readonly Lock _lock = new();
    private readonly List<WorkQueue<NamespacedName>> _queues = [];
    private readonly List<DateTimeOffset> _taken = [];

    /// <summary>What the workers of a queue are to call in place of the reconciler, which never sees these keys.</summary>
    public IReconciler Through(WorkQueue<NamespacedName> queue, IReconciler reconciler)
    {
        lock (_lock)
        {
            _queues.Add(queue);
            _taken.Add(DateTimeOffset.UnixEpoch);
            return new Felt(this, _taken.Count - 1, reconciler);
        }
    }

    /// <summary>One that still waits is not put there twice.</summary>
    public void Beat()
    {
        // In the order of arrival, behind what people wait for: a queue that has stopped is noticed, one that is long is not taken for it.
        _queues.ForEach(q => q.Add(Key));
    }

    private void Taken(int queue)
    {
        lock (_lock)
        {
            _taken[queue] = time.GetUtcNow();
            if (_taken.Min() is var last && last > DateTimeOffset.UnixEpoch)
            {
                metrics.SchedulerSucceeded(last);
            }
        }
    }

    private sealed class Felt(Pulse pulse, int queue, IReconciler inner) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
        {
            if (key != Key)
            {
                return inner.ReconcileAsync(key, cancellationToken);
            }

            pulse.Taken(queue);
            return Task.FromResult<ReconcileResult>(ReconcileResult.Done.Instance);
        }
    }
}
