using System.Text.Json.Serialization;

namespace CertOperator.Providers.Aws;

/// <summary>An error in the JSON 1.1 protocol. Services do not agree on how the message is spelt.</summary>
internal sealed record AwsErrorBody(
    [property: JsonPropertyName("__type")] string? Type,
    [property: JsonPropertyName("message")] string? Message,
    [property: JsonPropertyName("Message")] string? UpperMessage);

[JsonSerializable(typeof(AwsErrorBody))]
internal sealed partial class AwsJsonContext : JsonSerializerContext;
