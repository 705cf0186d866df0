using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Runs;

/// <summary>The one condition of a run, for `kubectl wait --for=condition=Complete`.</summary>
public static class RunConditions
{
    public const string CompleteType = "Complete";

    public static IReadOnlyList<Condition> Complete(bool succeeded, string reason, string message, DateTimeOffset now)
        => [new Condition { Type = CompleteType, Status = succeeded ? "True" : "False", Reason = reason, Message = ConditionList.Bounded(message), LastTransitionTime = now }];
}
