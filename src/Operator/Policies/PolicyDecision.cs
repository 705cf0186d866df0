using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Policies;

/// <summary>What to do next about a policy: a closed set.</summary>
public abstract record PolicyDecision
{
    private PolicyDecision()
    {
    }

    /// <summary>Nothing works until somebody changes something.</summary>
    public sealed record Stalled(string Reason, string Message) : PolicyDecision;

    /// <summary>A run is under way.</summary>
    public sealed record InProgress(CertificateRenewalRun Run) : PolicyDecision
    {
        /// <summary>Why the run must not wait any longer; null where it may.</summary>
        public RenewalNeed? Hastened { get; init; }

        /// <summary>The pair that the run is to take in place of the one that it works for; null where it is not asked to, or cannot.</summary>
        public TakeoverOrder? TakeOver { get; init; }
    }

    /// <summary>A run has to be made.</summary>
    public sealed record Start(RunTrigger Trigger, RenewalNeed Need, string? Request) : PolicyDecision
    {
        public RunMode Mode { get; init; } = RunMode.Live;

        /// <summary>Where an earlier pair is to be put back instead of a new one issued; null otherwise.</summary>
        public RollbackOrder? Rollback { get; init; }

        /// <summary>Where a pair that a person provided is to be taken over; null otherwise.</summary>
        public TakeoverOrder? TakeOver { get; init; }
    }

    /// <summary>A run is needed, but not before that time.</summary>
    public sealed record BackOff(DateTimeOffset Until, string Reason, string Message) : PolicyDecision;

    /// <summary>Scheduled runs are suspended.</summary>
    public sealed record Suspended(RenewalNeed? Need) : PolicyDecision;

    /// <summary>A certificate is needed, but runs are dry unless a live one is asked for, and the dry one was made.</summary>
    public sealed record DryRunOnly(RenewalNeed Need, DryRunSummary Last) : PolicyDecision;

    /// <summary>A rollback holds scheduled runs.</summary>
    public sealed record Held(RollbackStatus Rollback, RenewalNeed? Need) : PolicyDecision;

    /// <summary>All is well until the renewal time.</summary>
    public sealed record Wait : PolicyDecision;
}

/// <summary>What a run puts back.</summary>
/// <param name="Fingerprint">SHA-256 of the certificate.</param>
/// <param name="Request">The annotation's value that asks for it; null where only the Secret of an earlier rollback is restored.</param>
public sealed record RollbackOrder(string Fingerprint, string? Request);

/// <summary>Why a certificate is wanted.</summary>
public sealed record RenewalNeed(string Reason, string Message);
