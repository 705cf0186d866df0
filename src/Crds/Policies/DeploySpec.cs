using System.Text.Json.Serialization;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>What happens after the Secret was written with another key pair than before.</summary>
public sealed record DeploySpec
{
    /// <summary>Workloads to restart, one after the other: the next one only when the one before is rolled out.</summary>
    [Items(0, 20)]
    public IReadOnlyList<WorkloadRestartSpec>? Restarts { get; init; }

    /// <summary>Places at cloud providers that get key and certificate, once all workloads are rolled out. The private key has to be in the Secret.</summary>
    [Items(0, 10)]
    public IReadOnlyList<DeployTargetSpec>? Targets { get; init; }

    /// <summary>Servers to tell, once all workloads are rolled out and all targets have the pair.</summary>
    [Items(0, 10)]
    public IReadOnlyList<DeployWebhookSpec>? Webhooks { get; init; }
}

/// <summary>A workload, in the policy's namespace, whose pods are replaced as by "kubectl rollout restart".</summary>
public sealed record WorkloadRestartSpec
{
    /// <summary>Deployment, StatefulSet or DaemonSet.</summary>
    [Required]
    public WorkloadKind Kind { get; init; }

    /// <summary>Its name.</summary>
    [Required]
    [Length(1, 253)]
    public string Name { get; init; } = "";

    /// <summary>How long a run waits until it is rolled out; after that it needs a person. Default: 300.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(7200)]
    public int? TimeoutSeconds { get; init; }
}

/// <summary>A server that is told by POST of a signed JSON document.</summary>
public sealed record DeployWebhookSpec
{
    /// <summary>http or https. It must not redirect.</summary>
    [Required]
    [Length(1, 2048)]
    public string Url { get; init; } = "";

    /// <summary>Secret whose key "signingKey" the messages are signed with (HMAC-SHA256).</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";

    /// <summary>PEM certificates to trust for the server, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }
}

/// <summary>Kinds of workloads that can be restarted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WorkloadKind>))]
public enum WorkloadKind
{
    Deployment,
    StatefulSet,
    DaemonSet,
}
