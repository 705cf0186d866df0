using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Policies;

/// <summary>What incidents, metrics, batches and reports read out of a policy's status. Pure.</summary>
public static class PolicyStatusFacts
{
    /// <summary>The condition that says why the policy cannot be carried out; null where it can.</summary>
    public static Condition? Stalled(PolicyStatus? status)
        => status?.Conditions?.FirstOrDefault(c => c is { Type: PolicyStatusBuilder.Stalled, Status: "True" });

    /// <summary>When the renewal of the certificate was due first; null where it is not planned.</summary>
    public static DateTimeOffset? DueSince(PolicyStatus? status) => status?.RenewalDue ?? status?.RenewalTime;
}
