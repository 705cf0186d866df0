using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes;

/// <summary>Repetitions of one event.</summary>
public sealed class EventSeries
{
    /// <summary>Occurrences so far, at least 2.</summary>
    public int Count { get; set; }

    [JsonConverter(typeof(KubernetesMicroTimeConverter))]
    public DateTimeOffset LastObservedTime { get; set; }
}
