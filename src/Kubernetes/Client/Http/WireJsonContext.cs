using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes;

/// <summary>For types that never leave the client.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExecCredential))]
[JsonSerializable(typeof(BookmarkObject))]
internal sealed partial class WireJsonContext : JsonSerializerContext;
