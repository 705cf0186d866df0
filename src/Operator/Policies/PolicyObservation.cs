using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Probing;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Policies;

/// <summary>Everything that the decision about a policy rests on, read at one time.</summary>
public sealed record PolicyObservation
{
    public required CertificateRenewalPolicy Policy { get; init; }

    public required PolicyResolution Resolution { get; init; }

    /// <summary>Runs of this policy, oldest first.</summary>
    public required IReadOnlyList<CertificateRenewalRun> Runs { get; init; }

    /// <summary>The policy that writes the same Secret and was there first; null where there is none.</summary>
    public required string? OlderWriter { get; init; }

    /// <summary>A policy that was there first has the same key; null where none is in the way.</summary>
    public PolicyProblem? KeyConflict { get; init; }

    /// <summary>Null where the Secret was not read this time.</summary>
    public required SecretFinding? Secret { get; init; }

    /// <summary>A Secret that the spec names and that is missing or lacks what it must hold; null where all is well or nothing was looked up.</summary>
    public required PolicyProblem? MissingReference { get; init; }

    /// <summary>What an open request for a rollback would put back; null without one.</summary>
    public RollbackCandidate? Rollback { get; init; }

    /// <summary>What an open request to take over a pair names; null without one, and where the policy cannot be carried out.</summary>
    public TakeoverCandidate? Takeover { get; init; }

    /// <summary>What the endpoints served when the operator last asked them by itself; null where it has not.</summary>
    public ProbeOutcome? Probe { get; init; }

    /// <summary>Why the API server let nothing be looked up; null where it did.</summary>
    public PolicyProblem? Refusal { get; init; }

    /// <summary>
    /// Fingerprint of the certificate that belongs into the Secret: the last one that a run stored, however the run ended after that. Where
    /// the run is gone, the Secret itself tells; one that is older than what is known has come from a backup.
    /// </summary>
    public string? ExpectedFingerprint
        => Secret is SecretFinding.Present { IsOwn: true, Certificate: var own } && own.NotBefore >= Policy.Status?.NotBefore ? own.Fingerprint : ExpectedIn(Runs, Policy);

    public CertificateRenewalRun? ActiveRun => Runs.FirstOrDefault(r => !Operator.Runs.RunStateMachine.IsFinal(r.Status?.Phase));

    /// <summary>Whether a run that is not over has its certificate in the Secret.</summary>
    public static bool HasWritten(CertificateRenewalRun run) => run.Status is { Phase: RunPhase.Running, CurrentStep: > StepName.StoreSecret, Certificate: not null };

    /// <summary>See <see cref="ExpectedFingerprint"/>.</summary>
    public static string? ExpectedIn(IReadOnlyList<CertificateRenewalRun> runs, CertificateRenewalPolicy policy)
        => runs.LastOrDefault(HasWritten)?.Status!.Certificate!.Fingerprint
        ?? runs.Where(r => Operator.Runs.RunStateMachine.HasStored(r.Status)).MaxBy(r => r.Status!.FinishedAt)?.Status!.Certificate!.Fingerprint
        ?? policy.Status?.Fingerprint;
}
