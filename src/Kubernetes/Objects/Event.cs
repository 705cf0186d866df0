using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes;

/// <summary>An events.k8s.io/v1 Event.</summary>
public sealed class Event : IKubernetesObject
{
    public string ApiVersion { get; set; } = "events.k8s.io/v1";

    public string Kind { get; set; } = "Event";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    /// <summary>When it was first seen; required on creation.</summary>
    [JsonConverter(typeof(KubernetesMicroTimeConverter))]
    public DateTimeOffset? EventTime { get; set; }

    /// <summary>Null for an event that happened once.</summary>
    public EventSeries? Series { get; set; }

    /// <summary>Such as "certoperator.io/certoperator"; required on creation.</summary>
    public string? ReportingController { get; set; }

    /// <summary>The instance of the controller, at most 128 characters; required on creation.</summary>
    public string? ReportingInstance { get; set; }

    /// <summary>What was done, at most 128 characters; required on creation.</summary>
    public string? Action { get; set; }

    /// <summary>Why it was done, at most 128 characters; required on creation.</summary>
    public string? Reason { get; set; }

    /// <summary>The object that the event is about.</summary>
    public ObjectReference? Regarding { get; set; }

    public ObjectReference? Related { get; set; }

    /// <summary>A sentence for people, at most 1 kB.</summary>
    public string? Note { get; set; }

    /// <summary>"Normal" or "Warning".</summary>
    public string? Type { get; set; }
}
