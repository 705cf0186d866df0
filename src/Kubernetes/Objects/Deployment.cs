namespace CertOperator.Kubernetes;

/// <summary>What of an apps/v1 Deployment is read here. It is changed by patch only: an update would drop the rest.</summary>
public sealed class Deployment : IKubernetesObject
{
    public string ApiVersion { get; set; } = "apps/v1";

    public string Kind { get; set; } = "Deployment";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    public DeploymentSpec Spec { get; set => field = value ?? new DeploymentSpec(); } = new();

    public DeploymentStatus Status { get; set => field = value ?? new DeploymentStatus(); } = new();
}

/// <summary>What is wanted of a Deployment.</summary>
public sealed class DeploymentSpec
{
    public int? Replicas { get; set; }

    /// <summary>True while a change of the template starts no rollout.</summary>
    public bool? Paused { get; set; }

    public PodTemplate? Template { get; set; }
}

/// <summary>How far the deployment controller is; counters are absent for 0.</summary>
public sealed class DeploymentStatus
{
    public long? ObservedGeneration { get; set; }

    public int? Replicas { get; set; }

    public int? UpdatedReplicas { get; set; }

    public int? AvailableReplicas { get; set; }

    public List<DeploymentCondition>? Conditions { get; set; }
}

/// <summary>What of a Deployment's condition is read here; its times may be null, unlike those of <see cref="Condition"/>.</summary>
public sealed class DeploymentCondition
{
    public string Type { get; set; } = "";

    public string? Reason { get; set; }

    public string? Message { get; set; }
}
