using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Deployments;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Policies;

/// <summary>Takes finished runs into a policy's status, each exactly once. Pure.</summary>
public static class PolicyAccounting
{
    /// <summary>The most times of a kind that are remembered.</summary>
    private const int MaxRecent = 40;

    /// <summary>The longest window of any budget.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    /// <summary>Finished runs that the status has not taken into account, in the order they finished.</summary>
    public static IReadOnlyList<CertificateRenewalRun> Unaccounted(PolicyStatus? status, IReadOnlyList<CertificateRenewalRun> runs)
    {
        var last = status?.LastFinishedRun;
        return [.. runs
            .Where(r => RunTally.HasEnded(r) && RunTally.FinishedAt(r) is { } finished
                && (last is null || finished > last.FinishedAt || (finished == last.FinishedAt && string.CompareOrdinal(r.Metadata.Name, last.Name) > 0)))
            .OrderBy(RunTally.FinishedAt)
            .ThenBy(r => r.Metadata.Name, StringComparer.Ordinal)];
    }

    /// <summary>Notes an open request that a run answers. The run is the proof that a request was acted on, and may be gone after that. A renewal ends what a rollback holds.</summary>
    public static PolicyStatus Handle(PolicyStatus status, CertificateRenewalPolicy policy, IReadOnlyList<CertificateRenewalRun> runs)
        => PolicyDecider.Request(policy, status) is { } open && runs.FirstOrDefault(r => r.Metadata.Annotations?.GetValueOrDefault(WellKnown.RenewRequestedAt) == open) is { } run
            ? status with { Handled = (status.Handled ?? new HandledRequests()) with { RenewRequestedAt = open }, Rollback = RunModes.IsDry(run) ? status.Rollback : null }
            : status;

    /// <summary>Notes the latest dry run. It counts neither as a success nor as a failure, and opens no incident.</summary>
    public static PolicyStatus WithDryRun(PolicyStatus status, IReadOnlyList<CertificateRenewalRun> runs)
        => runs.Where(r => RunModes.IsDry(r) && r.Status is { FinishedAt: not null }).MaxBy(r => r.Status!.FinishedAt) is { Status: { } result } run
            && !(status.LastDryRun?.FinishedAt > result.FinishedAt)
            ? status with
            {
                LastDryRun = new DryRunSummary
                {
                    Name = run.Metadata.Name,
                    Phase = result.Phase!.Value,
                    FinishedAt = result.FinishedAt!.Value,
                    Generation = result.PolicyGeneration,
                    Reason = run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason),
                    Message = result.Message,
                },
            }
            : status;

    /// <param name="status">The status without the run.</param>
    /// <param name="run">A run that has finished.</param>
    /// <param name="policy">The policy as it is now.</param>
    /// <param name="server">The server that the policy names now; null where it names none.</param>
    /// <param name="now">The time.</param>
    public static PolicyStatus Account(PolicyStatus status, CertificateRenewalRun run, CertificateRenewalPolicy policy, Uri? server, DateTimeOffset now)
    {
        var result = run.Status!;
        var finished = RunTally.FinishedAt(run)!.Value;
        var succeeded = result.Phase == RunPhase.Succeeded;
        var rolledBack = PolicyRollback.TargetOf(run) is not null;
        var restored = result.Order?.ReusedFrom is not null || (rolledBack && PolicyRollback.RequestOf(run) is null);
        // A run that was taken up again and failed again is still one.
        var counts = result.Reason is not (RunReasons.PolicyChanged or RunReasons.ResolutionRefused) && status.LastFinishedRun?.Name != run.Metadata.Name;
        var failures = succeeded ? 0 : (status.ConsecutiveFailures ?? 0) + (counts ? 1 : 0);
        // Whoever made the run fail after it had its certificate, it was not the CA.
        var without = succeeded || result.Certificate is not null ? 0 : (status.IssuanceFailures ?? 0) + (counts ? 1 : 0);
        // A leader before, whose clock was ahead, says that the run ends only later: nobody waits for that.
        var waitsFrom = finished < now ? finished : now;
        // What the one CA asks for does not concern the next.
        var asksAgain = ProviderChoice.Of(policy.Spec, without) == (run.Spec.Provider ?? ProviderChoice.PrimaryOf(policy.Spec));
        status = status with
        {
            LastRun = run.Metadata.Name,
            ConsecutiveFailures = failures,
            IssuanceFailures = without == 0 ? null : without,
            RetryRequested = WantsRetry(status, run) ? true : null,
            NextAttemptTime = result.Phase == RunPhase.Failed ? NextAttempt(status, asksAgain ? result : result with { RetryAt = null }, waitsFrom, failures, policy.Metadata.Uid!) : null,
            LastFinishedRun = new AccountedRun
            {
                Name = run.Metadata.Name,
                Phase = result.Phase!.Value,
                FinishedAt = finished,
                Restored = restored ? true : null,
                Stored = !succeeded && RunStateMachine.HasStored(result) ? true : null,
                Generation = result.PolicyGeneration,
                Reason = succeeded ? null : result.Reason,
                Message = succeeded ? null : result.Message,
                RetryAt = result.RetryAt,
                Server = result.RetryAt is not null && result.PolicyGeneration == policy.Metadata.Generation ? server?.AbsoluteUri : null,
            },
            RenewedOnAdvice = !succeeded || restored || rolledBack
                ? status.RenewedOnAdvice
                : run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason) == PolicyReasons.RenewalAdvised ? true : null,
            RecentIssuances = Remember(status.RecentIssuances, RunTally.Issued(run) is { } issued ? [issued] : [], now),
            RecentOrders = Remember(status.RecentOrders, RunTally.Orders(run), now),
            RecentFailedValidations = Remember(status.RecentFailedValidations, RunTally.FailedValidation(run) is { } refused ? [refused] : [], now),
        };
        status = result.Deploy?.Targets is { Count: > 0 } uploads ? status with { Targets = TargetMemory.With(status.Targets, uploads) } : status;
        return result.Snapshot is not null && (succeeded || RunStateMachine.HasStored(result)) ? status with { Snapshot = result.Snapshot } : status;
    }

    /// <summary>What was asked for stays wanted until a run has brought it, whoever made the runs in between.</summary>
    private static bool WantsRetry(PolicyStatus before, CertificateRenewalRun run)
        => run.Status is { Phase: RunPhase.Failed } result && !RunStateMachine.HasStored(result) && PolicyRollback.TargetOf(run) is null
            && (before.RetryRequested == true || run.Metadata.Annotations?.ContainsKey(WellKnown.RenewRequestedAt) == true);

    private static DateTimeOffset[]? Remember(IReadOnlyList<DateTimeOffset>? times, IEnumerable<DateTimeOffset> more, DateTimeOffset now)
        => (times ?? []).Union(more).Where(t => now - t < Memory).Order().TakeLast(MaxRecent).ToArray() is { Length: > 0 } kept ? kept : null;

    private static DateTimeOffset? NextAttempt(PolicyStatus before, RunStatus result, DateTimeOffset finished, int failures, string policyUid)
    {
        // The operator was not there when the CA came; it is now. Should that be said twice in a row, it was something else.
        if (result.Reason == IssuanceReasons.ChallengeInterrupted && before.LastFinishedRun?.Reason != IssuanceReasons.ChallengeInterrupted)
        {
            return result.RetryAt;
        }

        var backoff = finished + FailureBackoff.Delay(failures, policyUid);
        return result.RetryAt is { } asked && asked > backoff ? asked : backoff;
    }
}
