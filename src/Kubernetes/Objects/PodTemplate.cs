namespace CertOperator.Kubernetes;

/// <summary>What of a workload's pod template is read here.</summary>
public sealed class PodTemplate
{
    public ObjectMeta? Metadata { get; set; }
}
