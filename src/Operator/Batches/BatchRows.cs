using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Costs;

namespace CertOperator.Operator.Batches;

/// <summary>What becomes of the rows of a batch. Pure.</summary>
public static class BatchRows
{
    /// <summary>Rows are kept by the thousand in objects of limited size.</summary>
    private const int MaxMessage = 300;

    private const int MaxPassedOverMessage = 160;

    public static bool IsFinal(BatchRowState state) => state is not (BatchRowState.Waiting or BatchRowState.Queued or BatchRowState.Running);

    /// <summary>The row of a policy in a plan.</summary>
    public static BatchRow Plan(CertificateRenewalPolicy policy, BatchVerdict verdict)
        => With(
            new BatchRow { Namespace = policy.Metadata.Namespace!, Policy = policy.Metadata.Name, Hostname = policy.Spec.Hostname, State = BatchRowState.Waiting },
            verdict);

    /// <summary>A row after its policy was looked at again.</summary>
    public static BatchRow With(BatchRow row, BatchVerdict verdict)
        => verdict switch
        {
            BatchVerdict.Renew renew => WithAnswer(row, renew.Answer) with { State = BatchRowState.Waiting, Provider = renew.Provider, Reason = null, Message = null },
            BatchVerdict.Later later => WithAnswer(row, later.Answer) with { State = BatchRowState.Waiting, Reason = later.Reason, Message = Cut(later.Message, MaxMessage) },
            BatchVerdict.Skip skip => WithAnswer(row, skip.Answer) with { State = BatchRowState.Skipped, Provider = null, CostEstimate = null, Reason = skip.Reason, Message = Cut(skip.Message, MaxMessage) },
            _ => throw new InvalidOperationException($"Unknown verdict {verdict.GetType().Name}."),
        };

    /// <summary>A row whose run was made.</summary>
    public static BatchRow Started(BatchRow row, string run, DateTimeOffset now)
        => row with { State = BatchRowState.Queued, Run = run, StartedAt = now, Reason = null, Message = null };

    /// <summary>A row whose run was taken back before it began.</summary>
    public static BatchRow TakenBack(BatchRow row) => row with { State = BatchRowState.Waiting, Run = null, StartedAt = null, Reason = null, Message = null };

    /// <summary>A row whose turn never came.</summary>
    public static BatchRow Withdrawn(BatchRow row, string reason) => row with { State = BatchRowState.Withdrawn, Reason = reason, Message = null };

    /// <summary>A row as its run stands.</summary>
    /// <param name="row">The row.</param>
    /// <param name="run">Its run; null where it is gone.</param>
    /// <param name="policy">Its policy, which remembers how its last run ended; null where it is gone.</param>
    /// <param name="begun">Whether the run is at work, which its stored status may not say yet.</param>
    public static BatchRow Follow(BatchRow row, CertificateRenewalRun? run, CertificateRenewalPolicy? policy, bool begun)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (run is null)
        {
            return policy?.Status?.LastFinishedRun is { } last && last.Name == row.Run
                ? Ended(row, last.Phase, last.Reason, last.Message, last.Phase == RunPhase.Succeeded ? row.CostEstimate : null)
                : row with { State = BatchRowState.Skipped, Reason = BatchReasons.RunDeleted, Message = "The run was deleted before it ended. It is not made again." };
        }

        return run.Status switch
        {
            { Phase: RunPhase.Succeeded or RunPhase.Failed or RunPhase.NeedsManual } status => Ended(row, status.Phase!.Value, status.Reason, status.Message, status.Cost),
            { Phase: RunPhase.Running } => row with { State = BatchRowState.Running, Reason = null, Message = null },
            var status => row with
            {
                State = begun ? BatchRowState.Running : BatchRowState.Queued,
                Reason = begun ? null : status?.Reason,
                Message = begun || status?.Message is not { } message ? null : Cut(message, MaxMessage),
            },
        };
    }

    /// <summary>A run that a plan finds, made by an earlier process of the operator.</summary>
    public static BatchRow Adopt(BatchRow row, CertificateRenewalRun run)
        // The time stamp of an object has no fractions, so the run may have been made up to a second later.
        => row with { State = BatchRowState.Queued, Run = run.Metadata.Name, Provider = run.Spec.Provider ?? row.Provider, StartedAt = run.Metadata.CreationTimestamp?.AddSeconds(1) };

    public static BatchCounts Count(IReadOnlyList<BatchRow> rows)
    {
        var counts = new int[Enum.GetValues<BatchRowState>().Length];
        foreach (var row in rows)
        {
            counts[(int)row.State]++;
        }

        return new BatchCounts
        {
            Total = rows.Count,
            Waiting = counts[(int)BatchRowState.Waiting],
            Queued = counts[(int)BatchRowState.Queued],
            Running = counts[(int)BatchRowState.Running],
            Succeeded = counts[(int)BatchRowState.Succeeded],
            Failed = counts[(int)BatchRowState.Failed],
            NeedsManual = counts[(int)BatchRowState.NeedsManual],
            Skipped = counts[(int)BatchRowState.Skipped],
            Withdrawn = counts[(int)BatchRowState.Withdrawn],
        };
    }

    /// <summary>Runs that went wrong. What a person was to do anyway, since the provider is one, has not.</summary>
    public static int Failures(IReadOnlyList<BatchRow> rows)
        => rows.Count(r => r.State == BatchRowState.Failed || (r.State == BatchRowState.NeedsManual && r.Provider != CertificateProviderKind.Manual));

    /// <summary>The plan in numbers.</summary>
    public static BatchPreview Preview(IReadOnlyList<BatchRow> rows)
        => new()
        {
            Policies = rows.Count(r => !IsFinal(r.State)),
            Skipped = rows.Where(r => r.State == BatchRowState.Skipped).GroupBy(r => r.Reason ?? "").OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new BatchSkips { Reason = g.Key, Policies = g.Count() }).ToArray() is { Length: > 0 } skips ? skips : null,
            Providers = [.. rows
                .Where(r => !IsFinal(r.State) && r.Provider is not null)
                .GroupBy(r => r.Provider!.Value)
                .OrderBy(g => g.Key)
                .Select(g => new BatchShare { Provider = g.Key, Policies = g.Count(), Cost = PriceList.Sum(g.Select(r => r.CostEstimate).OfType<Crds.Money>()) })],
        };

    private static BatchRow Ended(BatchRow row, RunPhase phase, string? reason, string? message, Crds.Money? cost)
    {
        var succeeded = phase == RunPhase.Succeeded;
        return row with
        {
            State = succeeded ? BatchRowState.Succeeded : phase == RunPhase.NeedsManual ? BatchRowState.NeedsManual : BatchRowState.Failed,
            Cost = cost,
            Reason = succeeded ? null : reason,
            Message = succeeded || message is null ? null : Cut(message, MaxMessage),
        };
    }

    private static BatchRow WithAnswer(BatchRow row, ProviderAnswer? answer)
        => answer is null
            ? row
            : row with
            {
                Provider = answer.Provider,
                CostEstimate = answer.Cost,
                // Of what the policy does not allow there is nothing to tell in each row.
                PassedOver = answer.PassedOver.Where(p => p.Reason != PassedOverReasons.NotAllowed)
                    .Select(p => p with { Message = p.Message is { } message ? Cut(message, MaxPassedOverMessage) : null }).ToArray() is { Length: > 0 } others ? others : null,
            };

    private static string Cut(string text, int max) => text.Length <= max ? text : $"{text[..(max - 1)]}…";
}
