using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes.Schema;

/// <summary>The part of OpenAPI v3 that a structural schema of apiextensions.k8s.io/v1 may use and this project needs.</summary>
public sealed class JsonSchema
{
    public string? Type { get; set; }

    public string? Format { get; set; }

    public string? Description { get; set; }

    public SortedDictionary<string, JsonSchema>? Properties { get; set; }

    public List<string>? Required { get; set; }

    public JsonSchema? Items { get; set; }

    public JsonSchema? AdditionalProperties { get; set; }

    public List<string>? Enum { get; set; }

    public string? Pattern { get; set; }

    public int? MinLength { get; set; }

    public int? MaxLength { get; set; }

    public long? Minimum { get; set; }

    public long? Maximum { get; set; }

    public int? MinItems { get; set; }

    public int? MaxItems { get; set; }

    public int? MinProperties { get; set; }

    public int? MaxProperties { get; set; }

    [JsonPropertyName("x-kubernetes-preserve-unknown-fields")]
    public bool? PreserveUnknownFields { get; set; }

    [JsonPropertyName("x-kubernetes-int-or-string")]
    public bool? IntOrString { get; set; }

    [JsonPropertyName("x-kubernetes-list-type")]
    public string? ListType { get; set; }

    [JsonPropertyName("x-kubernetes-list-map-keys")]
    public List<string>? ListMapKeys { get; set; }
}
