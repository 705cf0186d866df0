using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Runs;

/// <summary>A run as it is made for a policy.</summary>
public static class RunTemplate
{
    public static CertificateRenewalRun For(CertificateRenewalPolicy policy, string name, RunSpec spec, string? reason = null, string? request = null, RollbackOrder? rollback = null, TakeoverOrder? takeOver = null)
    {
        var annotations = new Dictionary<string, string> { [WellKnown.RunSecret] = policy.Spec.SecretName };
        if (reason is not null)
        {
            annotations[WellKnown.RunReason] = reason;
        }

        if (request is not null)
        {
            annotations[WellKnown.RenewRequestedAt] = request;
        }

        if (rollback is not null)
        {
            annotations[WellKnown.RollbackTo] = rollback.Fingerprint;
        }

        if (rollback?.Request is { } asked)
        {
            annotations[WellKnown.RollbackRequestedAt] = asked;
        }

        if (takeOver is not null)
        {
            annotations[WellKnown.ResolveWithSecret] = takeOver.Secret;
        }

        if (takeOver?.By is { } by)
        {
            annotations[WellKnown.RequestedBy] = by;
        }

        return new CertificateRenewalRun
        {
            Metadata = new ObjectMeta
            {
                Name = name,
                Namespace = policy.Metadata.Namespace,
                Labels = new Dictionary<string, string>
                {
                    [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue,
                    [WellKnown.PolicyLabel] = Naming.Label(policy.Metadata.Name),
                },
                Annotations = annotations,
                OwnerReferences = [Ownership.By(policy)],
            },
            Spec = spec,
        };
    }
}
