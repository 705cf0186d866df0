using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Challenges;

/// <summary>The run that answers are put in place for, and how what is made for it is marked.</summary>
/// <param name="Namespace">Where everything is made.</param>
/// <param name="Name">The run.</param>
/// <param name="Uid">Tells it from another of the same name.</param>
/// <param name="Policy">The run's policy.</param>
public sealed record ChallengeOwner(string Namespace, string Name, string Uid, string Policy)
{
    public static ChallengeOwner Of(CertificateRenewalRun run) => new(run.Metadata.Namespace!, run.Metadata.Name, run.Metadata.Uid!, run.Spec.PolicyRef.Name);

    public ObjectMeta Metadata(string name, IReadOnlyDictionary<string, string>? labels = null, IReadOnlyDictionary<string, string>? annotations = null)
        => new()
        {
            Name = name,
            Namespace = Namespace,
            Labels = new Dictionary<string, string>(labels ?? new Dictionary<string, string>())
            {
                [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue,
                [WellKnown.PolicyLabel] = Naming.Label(Policy),
                [WellKnown.RunLabel] = Naming.Label(Name),
            },
            Annotations = annotations is null ? null : new Dictionary<string, string>(annotations),
            OwnerReferences = [new OwnerReference { ApiVersion = CertOperatorApi.ApiVersion, Kind = CertificateRenewalRun.KindName, Name = Name, Uid = Uid, Controller = true }],
        };

    /// <summary>By its owner, since anybody may set a label.</summary>
    public bool Owns(IKubernetesObject obj) => obj.Metadata.OwnerReferences?.Any(o => o.Uid == Uid) == true;
}
