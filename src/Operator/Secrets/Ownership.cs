using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Secrets;

/// <summary>References from what a policy made to the policy.</summary>
public static class Ownership
{
    public static OwnerReference By(CertificateRenewalPolicy policy)
        => new()
        {
            ApiVersion = CertOperatorApi.ApiVersion,
            Kind = CertificateRenewalPolicy.KindName,
            Name = policy.Metadata.Name,
            Uid = policy.Metadata.Uid!,
            Controller = true,
            BlockOwnerDeletion = true,
        };

    /// <summary>UID of the policy that a run was made for; null for a run that a person made.</summary>
    public static string? PolicyUid(CertificateRenewalRun run)
        => PolicyOf(run)?.Uid;

    /// <summary>Name of the policy that a run was made for; null for a run that a person made.</summary>
    public static string? PolicyName(CertificateRenewalRun run) => PolicyOf(run)?.Name;

    private static OwnerReference? PolicyOf(CertificateRenewalRun run)
        => run.Metadata.OwnerReferences?.FirstOrDefault(o => o.Kind == CertificateRenewalPolicy.KindName);
}
