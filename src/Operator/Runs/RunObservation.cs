using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Runs;

/// <summary>Everything that the decision about a run rests on, read at one time.</summary>
public sealed record RunObservation
{
    public required CertificateRenewalRun Run { get; init; }

    /// <summary>The policy that the run is for; null when it is gone or is another one of the same name.</summary>
    public required CertificateRenewalPolicy? Policy { get; init; }

    /// <summary>What the policy asks for now; null where it cannot work.</summary>
    public required ResolvedPolicy? Resolved { get; init; }

    /// <summary>What is wrong with the policy; null where it can work.</summary>
    public required string? PolicyProblem { get; init; }

    /// <summary>An older run of the same policy that is not finished; only one works at a time.</summary>
    public required string? OlderActiveRun { get; init; }

    /// <summary>Why the CA must not be asked yet; null where it may.</summary>
    public IssuanceWait? Pacing { get; init; }

    /// <summary>What the certificate costs; null where none is issued or no price is known.</summary>
    public CostEstimate? CostEstimate { get; init; }

    /// <summary>Whether this process has room for another run in progress.</summary>
    public required bool Admitted { get; init; }

    /// <summary>Earliest time for the next poll of the CA or of an endpoint; kept in memory only.</summary>
    public required DateTimeOffset NotBefore { get; init; }
}
