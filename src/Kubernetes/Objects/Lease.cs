namespace CertOperator.Kubernetes;

/// <summary>A coordination.k8s.io/v1 Lease.</summary>
public sealed class Lease : IKubernetesObject
{
    public string ApiVersion { get; set; } = "coordination.k8s.io/v1";

    public string Kind { get; set; } = "Lease";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    public LeaseSpec Spec { get; set => field = value ?? new LeaseSpec(); } = new();
}
