using System.Text.Json;
using CertOperator.Crds;
using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Policies;

/// <summary>Whether writing a status would say anything new.</summary>
public static class PolicyStatusComparison
{
    public static bool Same(PolicyStatus? a, PolicyStatus b)
        => a is not null
        && JsonSerializer.SerializeToUtf8Bytes(a, CrdsJsonContext.Default.PolicyStatus).AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(b, CrdsJsonContext.Default.PolicyStatus));
}
