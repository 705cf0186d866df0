namespace CertOperator.Kubernetes;

/// <summary>A v1 Secret.</summary>
public sealed class Secret : IKubernetesObject
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Secret";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    /// <summary>Such as "kubernetes.io/tls"; the server makes a missing one "Opaque" and lets nobody change it.</summary>
    public string? Type { get; set; }

    /// <summary>Values as they are; base64 exists only on the wire.</summary>
    public Dictionary<string, byte[]>? Data { get; set; }

    public bool? Immutable { get; set; }
}
