using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Policies;

/// <summary>What happens after the Secret was written; nothing where all lists are empty.</summary>
public sealed record ResolvedDeploy(IReadOnlyList<ResolvedRestart> Restarts, IReadOnlyList<ResolvedDeployTarget> Targets, IReadOnlyList<ResolvedWebhook> Webhooks)
{
    public bool IsNothing => Restarts.Count == 0 && Targets.Count == 0 && Webhooks.Count == 0;
}

/// <summary>A workload to restart.</summary>
public sealed record ResolvedRestart(WorkloadKind Kind, string Name, TimeSpan Timeout);

/// <summary>A server to tell.</summary>
/// <param name="Field">Where it stands in the spec, for messages: they must not hold the URL.</param>
/// <param name="Url">http or https.</param>
/// <param name="SecretName">Where the signing key is.</param>
/// <param name="CaBundle">CAs to trust besides the system's.</param>
public sealed record ResolvedWebhook(string Field, Uri Url, string SecretName, string? CaBundle)
{
    public override string ToString() => Url.Host;
}
