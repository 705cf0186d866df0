namespace CertOperator.Kubernetes;

/// <summary>What of an apps/v1 DaemonSet is read here. It is changed by patch only: an update would drop the rest.</summary>
public sealed class DaemonSet : IKubernetesObject
{
    public string ApiVersion { get; set; } = "apps/v1";

    public string Kind { get; set; } = "DaemonSet";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    public DaemonSetSpec Spec { get; set => field = value ?? new DaemonSetSpec(); } = new();

    public DaemonSetStatus Status { get; set => field = value ?? new DaemonSetStatus(); } = new();
}

/// <summary>What is wanted of a DaemonSet.</summary>
public sealed class DaemonSetSpec
{
    public PodTemplate? Template { get; set; }

    public UpdateStrategy? UpdateStrategy { get; set; }
}

/// <summary>How far the controller is; counters are absent for 0.</summary>
public sealed class DaemonSetStatus
{
    public long? ObservedGeneration { get; set; }

    public int? DesiredNumberScheduled { get; set; }

    public int? UpdatedNumberScheduled { get; set; }

    public int? NumberAvailable { get; set; }
}
