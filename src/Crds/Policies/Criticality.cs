using System.Text.Json.Serialization;

namespace CertOperator.Crds.Policies;

/// <summary>How much a host matters; becomes the severity of its incidents.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Criticality>))]
public enum Criticality
{
    [JsonStringEnumMemberName("low")] Low,
    [JsonStringEnumMemberName("medium")] Medium,
    [JsonStringEnumMemberName("high")] High,
    [JsonStringEnumMemberName("critical")] Critical,
}
