using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Runs;

/// <summary>What a step works with.</summary>
public sealed record RunContext
{
    public required CertificateRenewalRun Run { get; init; }

    public required RunStatus Status { get; init; }

    public required CertificateRenewalPolicy Policy { get; init; }

    public required ResolvedPolicy Resolved { get; init; }

    public required RunWork Work { get; init; }

    public required DateTimeOffset Now { get; init; }

    public string Namespace => Run.Metadata.Namespace!;

    public NamespacedName Key => NamespacedName.Of(Run);

    /// <summary>Fingerprint of the earlier certificate that the run puts back; null for a run that issues one, or takes one over that a person provided.</summary>
    public string? RollbackTo => Status.Resolution is null ? PolicyRollback.TargetOf(Run) : null;

    /// <summary>Whether the run only writes again the pair that belongs in the Secret.</summary>
    public bool IsRestoration => Status.Order?.ReusedFrom is not null || (RollbackTo is not null && PolicyRollback.RequestOf(Run) is null);

    public bool IsDryRun => RunModes.IsDry(Run);

    public RunStep Step(StepName name) => Status.Steps!.First(s => s.Name == name);
}
