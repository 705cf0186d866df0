using System.Collections.Concurrent;
using CertOperator.Crds.Batches;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Batches;

/// <summary>Brings a batch forward: gather, decide, act, report, until it has to wait or has ended.</summary>
public sealed class BatchReconciler(BatchGatherer gatherer, BatchLauncher launcher, BatchReporter reporter, TimeProvider timeProvider) : IReconciler, ITermMemory
{
    /// <summary>Runs that end, and changes of the spec, bring the batch back before that.</summary>
    private static readonly TimeSpan Check = TimeSpan.FromSeconds(5);

    /// <summary>Least time between two looks that a timer asks for.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<NamespacedName, BatchWork> _work = new();

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        while (true)
        {
            var batch = gatherer.Find(key) is { Metadata.DeletionTimestamp: null } found ? found : null;
            if (_work.TryGetValue(key, out var known) && known.BatchUid != batch?.Metadata.Uid)
            {
                await AbandonAsync(key, known, cancellationToken);
            }

            if (batch is null)
            {
                return ReconcileResult.Done.Instance;
            }

            var work = _work.GetOrAdd(key, _ => new BatchWork { BatchUid = batch.Metadata.Uid! });
            if (!BatchStateMachine.IsFinal(batch.Status?.Phase) && batch.Status?.Phase != BatchPhase.Previewed)
            {
                await gatherer.LoadAsync(batch, work, cancellationToken);
            }

            var now = timeProvider.GetUtcNow();
            work.Observe(now);
            var observation = gatherer.Observe(batch, work);
            switch (BatchStateMachine.Decide(observation, now))
            {
                case BatchDecision.Nothing:
                    await reporter.ObserveAsync(batch, cancellationToken);
                    _work.TryRemove(key, out _);
                    return ReconcileResult.Done.Instance;

                case BatchDecision.Plan:
                    // A plan that is made again, since its rows were lost, counts from when it was made first.
                    var plannedAt = BatchStateMachine.HasBegun(batch.Status) ? batch.Status!.PlannedAt ?? now : now;
                    work.SetPlan(gatherer.Plan(batch, plannedAt, now));
                    await reporter.SavePlanAsync(batch, work, BatchStatusBuilder.Planned(batch, work.Rows!, plannedAt, now), now, cancellationToken);
                    break;

                case BatchDecision.Withdraw:
                    await launcher.WithdrawAsync(work, cancellationToken);
                    break;

                case BatchDecision.Start start:
                    var (started, more) = await launcher.StartAsync(batch, work, start.Places, timeProvider, cancellationToken);
                    if (started == 0 && !more)
                    {
                        // Every policy that waits has to: for a place, for a budget, for another run.
                        await reporter.SaveAsync(batch, work, BatchStatusBuilder.Build(batch, work.Rows, start, now), now, cancellationToken);
                        return Next(work, null, now);
                    }

                    await reporter.SaveAsync(batch, work, BatchStatusBuilder.Build(batch, work.Rows, start, now), now, cancellationToken);
                    break;

                case BatchDecision.Hold hold:
                    await reporter.SaveAsync(batch, work, BatchStatusBuilder.Build(batch, work.Rows, hold, now), now, cancellationToken);
                    return Next(work, hold.Until, now);

                case BatchDecision.Stall stall:
                    await reporter.SaveAsync(batch, work, BatchStatusBuilder.Build(batch, work.Rows, stall, now), now, cancellationToken);
                    return Next(work, null, now);

                case BatchDecision.Finish finish:
                    Settle(work, finish);
                    await reporter.SaveAsync(batch, work, BatchStatusBuilder.Build(batch, work.Rows, finish, now), now, cancellationToken);
                    _work.TryRemove(key, out _);
                    return ReconcileResult.Done.Instance;
            }
        }
    }

    /// <summary>Drops everything that is kept in memory, such as after the leadership was lost.</summary>
    public void Reset() => _work.Clear();

    /// <summary>A batch that is deleted is cancelled, also where it has a successor of the same name: runs in progress are their policies' own.</summary>
    private async Task AbandonAsync(NamespacedName key, BatchWork work, CancellationToken cancellationToken)
    {
        gatherer.Follow(work);
        await launcher.WithdrawAsync(work, cancellationToken);
        _work.TryRemove(key, out _);
    }

    private static void Settle(BatchWork work, BatchDecision.Finish finish)
    {
        foreach (var index in finish.Phase is BatchPhase.Cancelled or BatchPhase.Stopped && work.Rows is not null ? work.InState(BatchRowState.Waiting).ToList() : [])
        {
            work.Set(index, BatchRows.Withdrawn(work.Rows![index], finish.Reason));
        }
    }

    private static ReconcileResult.RequeueAfter Next(BatchWork work, DateTimeOffset? until, DateTimeOffset now)
    {
        DateTimeOffset?[] dues = [until, work.NextTurn(now), work.UnsavedPages().Count > 0 ? work.PagesDue : null, now + Check];
        var wait = dues.Min()!.Value - now;
        return new ReconcileResult.RequeueAfter(wait > Least ? wait : Least);
    }
}
