namespace CertOperator.Kubernetes;

/// <summary>What of an apps/v1 StatefulSet is read here. It is changed by patch only: an update would drop the rest.</summary>
public sealed class StatefulSet : IKubernetesObject
{
    public string ApiVersion { get; set; } = "apps/v1";

    public string Kind { get; set; } = "StatefulSet";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    public StatefulSetSpec Spec { get; set => field = value ?? new StatefulSetSpec(); } = new();

    public StatefulSetStatus Status { get; set => field = value ?? new StatefulSetStatus(); } = new();
}

/// <summary>What is wanted of a StatefulSet.</summary>
public sealed class StatefulSetSpec
{
    public int? Replicas { get; set; }

    public PodTemplate? Template { get; set; }

    public UpdateStrategy? UpdateStrategy { get; set; }
}

/// <summary>How far the controller is; counters are absent for 0.</summary>
public sealed class StatefulSetStatus
{
    public long? ObservedGeneration { get; set; }

    public int? ReadyReplicas { get; set; }

    public int? UpdatedReplicas { get; set; }

    public string? CurrentRevision { get; set; }

    public string? UpdateRevision { get; set; }
}
