namespace CertOperator.Operator.Deployments;

/// <summary>A workload as it was read.</summary>
/// <param name="Mark">What its pods were last restarted for; null where they never were.</param>
/// <param name="Rollout">How far its rollout is.</param>
public sealed record WorkloadState(string? Mark, Rollout Rollout);
