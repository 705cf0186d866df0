using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;

namespace CertOperator.EndToEnd.Harness;

/// <summary>Short words for what tests ask of a policy's conditions.</summary>
public static class Conditions
{
    public static bool Is(this CertificateRenewalPolicy policy, string condition) => policy.Condition(condition)?.Status == "True";

    public static Condition? Condition(this CertificateRenewalPolicy policy, string type) =>
        policy.Status?.Conditions?.FirstOrDefault(c => c.Type == type);
}
