using System.Text.Json.Serialization;

namespace CertOperator.Providers.Dns.GoogleCloudDns;

internal sealed record GoogleZones(IReadOnlyList<GoogleZone>? ManagedZones);

internal sealed record GoogleZone(string Name, string? Visibility);

internal sealed record GoogleSets(IReadOnlyList<GoogleSet>? Rrsets);

internal sealed record GoogleSet(string Name, string Type, int Ttl, IReadOnlyList<string>? Rrdatas);

internal sealed record GoogleChange(IReadOnlyList<GoogleSet>? Additions, IReadOnlyList<GoogleSet>? Deletions);

internal sealed record GoogleChangeState(string? Id, string? Status);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GoogleZones))]
[JsonSerializable(typeof(GoogleSets))]
[JsonSerializable(typeof(GoogleChange))]
[JsonSerializable(typeof(GoogleChangeState))]
internal sealed partial class GoogleJsonContext : JsonSerializerContext;
