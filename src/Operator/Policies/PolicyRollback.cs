using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.Policies;

/// <summary>What a request for a rollback means for a policy's status. Pure.</summary>
public static class PolicyRollback
{
    /// <summary>An annotation value that has not been acted on.</summary>
    public static string? Request(CertificateRenewalPolicy policy, PolicyStatus? status)
        => Value(policy) is { Length: > 0 } value && value != status?.Handled?.RollbackRequestedAt ? value : null;

    /// <summary>The rollback that holds scheduled renewal; null while none does.</summary>
    public static RollbackStatus? Held(PolicyStatus status) => status.Rollback is { Refused: null, Fingerprint: not null } held ? held : null;

    /// <summary>Notes an open request that a run answers; the run is the proof that it was acted on.</summary>
    public static PolicyStatus Handle(PolicyStatus status, CertificateRenewalPolicy policy, IReadOnlyList<CertificateRenewalRun> runs)
        => Request(policy, status) is { } open && runs.FirstOrDefault(r => RequestOf(r) == open) is { } run
            ? Handled(status, open) with { Rollback = Outcome(new RollbackStatus { RequestedAt = open, Since = run.Metadata.CreationTimestamp, Fingerprint = TargetOf(run) }, run) }
            : status;

    /// <summary>Notes an open request that cannot be met.</summary>
    public static PolicyStatus Refuse(PolicyStatus status, CertificateRenewalPolicy policy, string why)
        => Request(policy, status) is { } open ? Handled(status, open) with { Rollback = new RollbackStatus { RequestedAt = open, Refused = why } } : status;

    /// <summary>Takes the end of a run into account: one that put nothing back holds nothing, and a pair that a person provided ends what an earlier one holds.</summary>
    public static PolicyStatus Account(PolicyStatus status, CertificateRenewalRun run)
        => run.Status?.Resolution is not null && RunStateMachine.HasStored(run.Status) ? status with { Rollback = null }
            : status.Rollback is { } rollback && RequestOf(run) == rollback.RequestedAt ? status with { Rollback = Outcome(rollback, run) } : status;

    /// <summary>Ends the hold when the annotation is gone.</summary>
    public static PolicyStatus Lift(PolicyStatus status, CertificateRenewalPolicy policy)
        => status.Rollback is not null && string.IsNullOrEmpty(Value(policy)) ? status with { Rollback = null } : status;

    /// <summary>Fingerprint of the certificate that a run puts back; null for a run that issues one.</summary>
    public static string? TargetOf(CertificateRenewalRun run) => run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RollbackTo) is { Length: > 0 } fingerprint ? fingerprint : null;

    /// <summary>The request that a run answers; null for a run that only restores the pair of an earlier rollback.</summary>
    public static string? RequestOf(CertificateRenewalRun run) => run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RollbackRequestedAt);

    private static RollbackStatus Outcome(RollbackStatus rollback, CertificateRenewalRun run)
        => rollback with
        {
            Refused = RunStateMachine.IsFinal(run.Status?.Phase) && !RunStateMachine.HasStored(run.Status) ? $"Run {run.Metadata.Name} ended {run.Status!.Phase}: {run.Status.Message}" : null,
        };

    private static PolicyStatus Handled(PolicyStatus status, string request)
        => status with { Handled = (status.Handled ?? new HandledRequests()) with { RollbackRequestedAt = request } };

    private static string? Value(CertificateRenewalPolicy policy) => policy.Metadata.Annotations?.GetValueOrDefault(WellKnown.RollbackRequestedAt);
}
