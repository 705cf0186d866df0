namespace CertOperator.Kubernetes;

/// <summary>The metadata of an object of any kind, without the rest (meta.k8s.io/v1).</summary>
public sealed class PartialObjectMetadata : IKubernetesObject
{
    public const string KindName = "PartialObjectMetadata";

    public string ApiVersion { get; set; } = "meta.k8s.io/v1";

    public string Kind { get; set; } = KindName;

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();
}
