using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Issuance;

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

    /// <summary>What a provider is asked for, with nothing of what only a live run knows.</summary>
    /// <param name="issuer">Who is asked, which may be another provider of the policy than that of the run.</param>
    /// <param name="challenge">How control is proven there.</param>
    public IssuanceRequest RequestTo(Issuer issuer, ChallengeKind challenge)
        => new() { Issuer = issuer, RunUid = Run.Metadata.Uid!, Owner = $"{Namespace}/{Policy.Metadata.Name}", Names = Resolved.Names, Challenge = challenge };

    public RunStep Step(StepName name) => Status.Steps!.First(s => s.Name == name);
}
