using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes;

/// <summary>One aspect of an object's state, as metav1.Condition.</summary>
public sealed class Condition
{
    public string Type { get; set; } = "";

    /// <summary>"True", "False" or "Unknown".</summary>
    public string Status { get; set; } = "";

    /// <summary>The metadata.generation that the condition was computed from.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>When <see cref="Status"/> last changed, in whole seconds.</summary>
    [JsonConverter(typeof(KubernetesTimeConverter))]
    public DateTimeOffset LastTransitionTime { get; set; }

    /// <summary>A constant in CamelCase.</summary>
    public string Reason { get; set; } = "";

    public string Message { get; set; } = "";
}
