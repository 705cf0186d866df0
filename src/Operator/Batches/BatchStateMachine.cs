using CertOperator.Crds.Batches;

namespace CertOperator.Operator.Batches;

/// <summary>The life of a batch. Pure: from what was observed and the time follows what to do.</summary>
public static class BatchStateMachine
{
    private const int DefaultConcurrent = 10;
    private const int DefaultFailures = 10;
    private const string NoPolicy = "No policy fits: spec.selector, namespaces and daysUntilExpiry leave none.";

    public static BatchDecision Decide(BatchObservation observation, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(observation);
        var (batch, spec, status) = (observation.Batch, observation.Batch.Spec, observation.Batch.Status);
        var hash = BatchSelection.PlanHash(spec);
        if (IsFinal(status?.Phase) || batch.Metadata.DeletionTimestamp is not null || (status?.Phase == BatchPhase.Previewed && status.PlanHash == hash))
        {
            return new BatchDecision.Nothing();
        }

        if ((spec.Cancel == true || status?.Phase == BatchPhase.Cancelling) && (observation.Rows is not null || !HasBegun(status)))
        {
            return Wind(BatchRows.Count(observation.Rows ?? []), BatchPhase.Cancelling, BatchPhase.Cancelled, BatchReasons.Cancelled, "spec.cancel is true: no further run starts.");
        }

        // Cancelled without its rows, it is planned once more to find the runs that were made.
        if (status?.PlanHash is { } planned && planned != hash && HasBegun(status) && (observation.Rows is not null || spec.Cancel != true))
        {
            return new BatchDecision.Stall(
                BatchReasons.SpecChanged,
                "The batch has begun, and spec.selector, namespaces, daysUntilExpiry, strategy or mode was changed since. Change it back to go on, or set spec.cancel and make another batch.");
        }

        if (observation.Refusal is { } refusal)
        {
            return new BatchDecision.Stall(refusal.Reason, refusal.Message);
        }

        if (observation.Rows is not { } rows || status?.PlanHash != hash)
        {
            return new BatchDecision.Plan();
        }

        return BatchSelection.ModeOf(spec) == BatchMode.DryRun
            ? new BatchDecision.Finish(BatchPhase.Previewed, BatchReasons.Planned, rows.Count == 0 ? NoPolicy : "This is what a live batch would do. To have it done, set spec.mode: Live.")
            : Advance(observation, rows, now);
    }

    public static bool IsFinal(BatchPhase? phase) => phase is BatchPhase.Completed or BatchPhase.Cancelled or BatchPhase.Stopped;

    /// <summary>Whether runs may have been made.</summary>
    public static bool HasBegun(BatchStatus? status) => status?.StartedAt is not null;

    private static BatchDecision Advance(BatchObservation observation, IReadOnlyList<BatchRow> rows, DateTimeOffset now)
    {
        var (spec, status) = (observation.Batch.Spec, observation.Batch.Status);
        var counts = BatchRows.Count(rows);
        var failures = BatchRows.Failures(rows);
        var limit = spec.StopAfterFailures ?? DefaultFailures;
        if (counts.Waiting + counts.Queued > 0 && (failures >= limit || status?.Phase == BatchPhase.Stopping))
        {
            return Wind(counts, BatchPhase.Stopping, BatchPhase.Stopped, BatchReasons.TooManyFailures, $"{failures} runs have failed or need a person, and spec.stopAfterFailures is {limit}: no further run starts.");
        }

        if (status?.Phase == BatchPhase.Stopping)
        {
            return Wind(counts, BatchPhase.Stopping, BatchPhase.Stopped, BatchReasons.TooManyFailures, $"{failures} runs have failed or need a person.");
        }

        var busy = counts.Queued + counts.Running;
        if (counts.Waiting + busy == 0)
        {
            return failures == 0
                ? new BatchDecision.Finish(BatchPhase.Completed, BatchReasons.Completed, counts.Total == 0 ? NoPolicy : $"{counts.Succeeded} of {counts.Total} policies were renewed{(counts.Skipped == 0 ? "." : $", {counts.Skipped} were skipped.")}")
                : new BatchDecision.Finish(BatchPhase.Completed, BatchReasons.SomeFailed, $"{failures} of {counts.Total} policies could not be renewed. Their rows name the runs that say why.");
        }

        if (spec.Pause == true)
        {
            return counts.Queued > 0 ? new BatchDecision.Withdraw() : new BatchDecision.Hold(BatchPhase.Paused, null, BatchReasons.Paused, "spec.pause is true: no run starts.");
        }

        var places = (spec.MaxConcurrent ?? DefaultConcurrent) - busy;
        if (counts.Waiting == 0 || places <= 0)
        {
            return new BatchDecision.Hold(BatchPhase.Running, null, BatchReasons.InProgress, "As many runs as there may be are in progress.");
        }

        if (spec.MaxPerHour is not { } pace)
        {
            return new BatchDecision.Start(places);
        }

        var next = observation.LastStart + (TimeSpan.FromHours(1) / pace);
        return next > now
            ? new BatchDecision.Hold(BatchPhase.Running, next, BatchReasons.Paced, $"spec.maxPerHour is {pace}: the next run starts when it is time.")
            : new BatchDecision.Start(1);
    }

    /// <summary>Comes to an end: what has not begun is taken back, what has begun is finished.</summary>
    private static BatchDecision Wind(BatchCounts counts, BatchPhase ending, BatchPhase ended, string reason, string message)
        => counts.Queued > 0 ? new BatchDecision.Withdraw()
            : counts.Running > 0 ? new BatchDecision.Hold(ending, null, reason, message)
            : new BatchDecision.Finish(ended, reason, message);
}
