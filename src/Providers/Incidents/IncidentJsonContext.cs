using System.Text.Json.Serialization;
using CertOperator.Crds;

namespace CertOperator.Providers.Incidents;

/// <summary>Messages to PagerDuty, whose names are in snake case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(PagerDutyEvent))]
[JsonSerializable(typeof(PagerDutyAnswer))]
internal sealed partial class IncidentJsonContext : JsonSerializerContext;

/// <summary>Messages to all others.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(IncidentDocument))]
[JsonSerializable(typeof(SlackMessage))]
internal sealed partial class MessageJsonContext : JsonSerializerContext;
