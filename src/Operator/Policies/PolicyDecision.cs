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
    public sealed record InProgress(CertificateRenewalRun Run) : PolicyDecision;

    /// <summary>A run has to be made.</summary>
    public sealed record Start(RunTrigger Trigger, RenewalNeed Need, string? Request) : PolicyDecision;

    /// <summary>A run is needed, but not before that time.</summary>
    public sealed record BackOff(DateTimeOffset Until, string Reason, string Message) : PolicyDecision;

    /// <summary>Scheduled runs are suspended.</summary>
    public sealed record Suspended(RenewalNeed? Need) : PolicyDecision;

    /// <summary>All is well until the renewal time.</summary>
    public sealed record Wait : PolicyDecision;
}

/// <summary>Why a certificate is wanted.</summary>
public sealed record RenewalNeed(string Reason, string Message);
