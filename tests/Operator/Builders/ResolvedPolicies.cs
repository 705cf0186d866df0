using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;

namespace CertOperator.Operator.Tests.Builders;

internal static class ResolvedPolicies
{
    /// <summary>The issuer of a policy whose provider is an ACME server.</summary>
    public static ResolvedAcmeIssuer Acme(this ResolvedPolicy policy) => (ResolvedAcmeIssuer)policy.Issuer;
}
