using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Pacing;

/// <summary>
/// What a run that has ended counts for in cooldown and budgets. The same run gives the same times whenever it is asked, also after it was
/// taken up again, so that its policy may remember them beside it. Pure.
/// </summary>
public static class RunTally
{
    /// <summary>When the CA issued something for the run; null where it wrote again what there was.</summary>
    public static DateTimeOffset? Issued(CertificateRenewalRun run)
        => run.Status is { Certificate: not null } status && HasEnded(run) && status.Order?.ReusedFrom is null && PolicyRollback.TargetOf(run) is null
            ? status.IssuedAt ?? (status.Resolution is null ? FinishedAt(run) : null)
            : null;

    /// <summary>When it placed its orders; those that followed the first in the same run come a millisecond after one another.</summary>
    public static IEnumerable<DateTimeOffset> Orders(CertificateRenewalRun run)
        => run.Status is { Order: { Url: not null } order, StartedAt: { } started } && HasEnded(run)
            ? Enumerable.Range(0, order.Placed ?? (order.ReusedFrom is null ? 1 : 0)).Select(i => started.AddMilliseconds(i))
            : [];

    /// <summary>When it ended since the CA did not find an answer to a challenge.</summary>
    public static DateTimeOffset? FailedValidation(CertificateRenewalRun run)
        => run.Status is { Phase: RunPhase.Failed, Reason: IssuanceReasons.ChallengeFailed or IssuanceReasons.ChallengeInterrupted } && HasEnded(run) ? FinishedAt(run) : null;

    /// <summary>A phase that somebody else has written comes without a time.</summary>
    public static DateTimeOffset? FinishedAt(CertificateRenewalRun run) => run.Status!.FinishedAt ?? run.Metadata.CreationTimestamp;

    /// <summary>Whether it counts at all yet; a dry run never does.</summary>
    public static bool HasEnded(CertificateRenewalRun run) => RunStateMachine.IsFinal(run.Status?.Phase) && !RunModes.IsDry(run);
}
