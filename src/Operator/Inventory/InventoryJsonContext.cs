using System.Text.Json.Serialization;

namespace CertOperator.Operator.Inventory;

/// <summary>JSON of the inventory, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<InventoryEntry>))]
internal sealed partial class InventoryJsonContext : JsonSerializerContext;
