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

    public RunStep Step(StepName name) => Status.Steps!.First(s => s.Name == name);
}
