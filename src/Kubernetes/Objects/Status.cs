using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes;

/// <summary>metav1.Status: how the API server answers what it does not answer with an object.</summary>
public sealed class Status
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    /// <summary>On an expired list its continue token may go on with a newer version.</summary>
    public ListMeta? Metadata { get; set; }

    /// <summary>"Success" or "Failure".</summary>
    [JsonPropertyName("status")]
    public string? Outcome { get; set; }

    public string? Message { get; set; }

    /// <summary>A constant such as "AlreadyExists".</summary>
    public string? Reason { get; set; }

    public StatusDetails? Details { get; set; }

    /// <summary>The HTTP status code.</summary>
    public int? Code { get; set; }
}
