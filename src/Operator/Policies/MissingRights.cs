using CertOperator.Kubernetes;

namespace CertOperator.Operator.Policies;

/// <summary>What the API server does not let the operator do, for the person who can grant it and reads the policy rather than the operator's log.</summary>
public static class MissingRights
{
    /// <summary>The server names the verb, the resource and the account; a quota or an admission webhook refuses in the same way.</summary>
    public static PolicyProblem Describe(ForbiddenException refusal)
        => new(
            PolicyReasons.Forbidden,
            $"{Sentences.Of($"The API server refused a request of the operator: {refusal.Message}")} Grant that right to the operator's service account in a Role or ClusterRole, or lift the quota or the admission rule that stands in the way.");
}
