using CertOperator.Crds.Batches;
using CertOperator.Operator.Costs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.Batches;

/// <summary>Writes down where a batch stands, in the terms of kstatus. Pure.</summary>
public static class BatchStatusBuilder
{
    /// <summary>Rows that are shown in the status itself.</summary>
    public const int MaxRows = 50;

    /// <summary>The order in which rows deserve a look.</summary>
    private static readonly BatchRowState[] Attention =
    [
        BatchRowState.Failed, BatchRowState.NeedsManual, BatchRowState.Running, BatchRowState.Queued,
        BatchRowState.Skipped, BatchRowState.Waiting, BatchRowState.Succeeded, BatchRowState.Withdrawn,
    ];

    /// <summary>The status of a batch that has just been planned, before any run.</summary>
    public static BatchStatus Planned(CertificateRenewalBatch batch, IReadOnlyList<BatchRow> rows, DateTimeOffset plannedAt, DateTimeOffset now)
    {
        var before = batch.Status ?? new BatchStatus();
        var live = BatchSelection.ModeOf(batch.Spec) == BatchMode.Live;
        return WithRows(before, rows) with
        {
            Phase = live ? BatchPhase.Running : BatchPhase.Planning,
            Conditions = Conditions(batch, before, live, false, BatchReasons.Planned, "The batch is planned.", null, now),
            ObservedGeneration = batch.Metadata.Generation,
            Reason = BatchReasons.Planned,
            Message = "The batch is planned.",
            PlannedAt = plannedAt,
            StartedAt = live ? before.StartedAt ?? now : null,
            FinishedAt = null,
            PlanHash = BatchSelection.PlanHash(batch.Spec),
            Preview = before.StartedAt is null ? BatchRows.Preview(rows) : before.Preview,
            RowPages = BatchPages.NamesOf(batch.Metadata.Name, rows.Count) is { Count: > 0 } pages ? pages : null,
        };
    }

    public static BatchStatus Build(CertificateRenewalBatch batch, IReadOnlyList<BatchRow>? rows, BatchDecision decision, DateTimeOffset now)
    {
        var before = batch.Status ?? new BatchStatus();
        var status = rows is null ? before : WithRows(before, rows);
        status = status with { ObservedGeneration = batch.Metadata.Generation };
        switch (decision)
        {
            case BatchDecision.Stall stall:
                return status with
                {
                    Phase = before.Phase ?? BatchPhase.Planning,
                    Reason = stall.Reason,
                    Message = stall.Message,
                    Conditions = Conditions(batch, before, false, true, stall.Reason, stall.Message, null, now),
                };

            case BatchDecision.Finish finish:
                var good = finish.Reason is BatchReasons.Planned or BatchReasons.Completed;
                return status with
                {
                    Phase = finish.Phase,
                    Reason = finish.Reason,
                    Message = finish.Message,
                    FinishedAt = now,
                    Conditions = Conditions(batch, before, false, false, finish.Reason, finish.Message, good, now),
                };

            case BatchDecision.Hold hold:
                return status with
                {
                    Phase = hold.Phase,
                    Reason = hold.Reason,
                    Message = hold.Message,
                    Conditions = Conditions(batch, before, hold.Phase != BatchPhase.Paused || status.Counts?.Running > 0, false, hold.Reason, hold.Message, null, now),
                };

            default:
                const string Message = "Runs are in progress.";
                return status with
                {
                    Phase = BatchPhase.Running,
                    Reason = BatchReasons.InProgress,
                    Message = Message,
                    Conditions = Conditions(batch, before, true, false, BatchReasons.InProgress, Message, null, now),
                };
        }
    }

    private static BatchStatus WithRows(BatchStatus status, IReadOnlyList<BatchRow> rows)
        => status with
        {
            Counts = BatchRows.Count(rows),
            CostEstimate = PriceList.Sum(rows.Select(r => r.CostEstimate).OfType<Crds.Money>()) is { Count: > 0 } estimate ? estimate : null,
            Cost = PriceList.Sum(rows.Select(r => r.Cost).OfType<Crds.Money>()) is { Count: > 0 } cost ? cost : null,
            Rows = rows.Count == 0 ? null : [.. Attention.SelectMany(state => rows.Where(r => r.State == state)).Take(MaxRows)],
        };

    /// <param name="batch">The batch.</param>
    /// <param name="before">Its status before.</param>
    /// <param name="reconciling">Whether something is being done.</param>
    /// <param name="stalled">Whether somebody has to change something.</param>
    /// <param name="reason">Why, in a word.</param>
    /// <param name="message">Why, in a sentence.</param>
    /// <param name="complete">How it ended; null before the end.</param>
    /// <param name="now">The time.</param>
    private static IReadOnlyList<Kubernetes.Condition> Conditions(CertificateRenewalBatch batch, BatchStatus before, bool reconciling, bool stalled, string reason, string message, bool? complete, DateTimeOffset now)
    {
        var conditions = new ConditionList(before.Conditions, batch.Metadata.Generation, now);
        conditions.Set(PolicyStatusBuilder.Ready, complete == true, reason, message);
        conditions.Set(PolicyStatusBuilder.Reconciling, reconciling, reason, message);
        conditions.Set(PolicyStatusBuilder.Stalled, stalled, reason, message);
        if (complete is { } well)
        {
            conditions.Set(RunConditions.CompleteType, well, reason, message);
        }
        else
        {
            conditions.Remove(RunConditions.CompleteType);
        }

        return conditions.ToList();
    }
}
