using System.Text.Json.Serialization;

namespace CertOperator.Acme;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(WireDirectory))]
[JsonSerializable(typeof(WireAccount))]
[JsonSerializable(typeof(WireOrderList))]
[JsonSerializable(typeof(WireOrder))]
[JsonSerializable(typeof(WireAuthorization))]
[JsonSerializable(typeof(WireChallenge))]
[JsonSerializable(typeof(WireProblem))]
[JsonSerializable(typeof(WireRenewalInfo))]
internal sealed partial class AcmeJsonContext : JsonSerializerContext;
