using System.Text.Json.Serialization;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Kubernetes;

/// <summary>One aspect of an object's state, as metav1.Condition.</summary>
public sealed class Condition
{
    /// <summary>The aspect, in CamelCase; a list has each type once.</summary>
    [Required]
    [Pattern(@"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$")]
    [Length(1, 316)]
    public string Type { get; set; } = "";

    /// <summary>"True", "False" or "Unknown".</summary>
    [Required]
    [EnumValues("True", "False", "Unknown")]
    public string Status { get; set; } = "";

    /// <summary>The metadata.generation that the condition was computed from.</summary>
    [RangeMinimum(0)]
    public long? ObservedGeneration { get; set; }

    /// <summary>When <see cref="Status"/> last changed, in whole seconds.</summary>
    [Required]
    [JsonConverter(typeof(KubernetesTimeConverter))]
    public DateTimeOffset LastTransitionTime { get; set; }

    /// <summary>A constant in CamelCase.</summary>
    [Required]
    [Pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")]
    [Length(1, 1024)]
    public string Reason { get; set; } = "";

    /// <summary>A sentence for people.</summary>
    [Required]
    [Length(0, 32768)]
    public string Message { get; set; } = "";
}
