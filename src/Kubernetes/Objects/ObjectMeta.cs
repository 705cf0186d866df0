using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes;

/// <summary>
/// Object metadata. managedFields are not read, since they are often larger than the object; a write without
/// them leaves the server's copy as it is.
/// </summary>
public sealed class ObjectMeta
{
    public string Name { get; set; } = "";

    public string? GenerateName { get; set; }

    /// <summary>Null for objects of cluster scope.</summary>
    public string? Namespace { get; set; }

    public string? Uid { get; set; }

    /// <summary>Set on an update, it makes the write conditional: another version ends in <see cref="ConflictException"/>.</summary>
    public string? ResourceVersion { get; set; }

    public long? Generation { get; set; }

    [JsonConverter(typeof(KubernetesTimeConverter))]
    public DateTimeOffset? CreationTimestamp { get; set; }

    [JsonConverter(typeof(KubernetesTimeConverter))]
    public DateTimeOffset? DeletionTimestamp { get; set; }

    public Dictionary<string, string>? Labels { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }

    public List<OwnerReference>? OwnerReferences { get; set; }

    public List<string>? Finalizers { get; set; }
}
