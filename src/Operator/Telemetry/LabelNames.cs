using System.Reflection;
using System.Text.Json.Serialization;

namespace CertOperator.Operator.Telemetry;

/// <summary>The label value of each member of an enum: the name that it has in the API.</summary>
internal static class LabelNames<TEnum>
    where TEnum : struct, Enum
{
    private static readonly Dictionary<TEnum, string> Names = Enum.GetValues<TEnum>().ToDictionary(v => v, Read);

    public static IReadOnlyCollection<string> All => Names.Values;

    public static IReadOnlyCollection<TEnum> Members => Names.Keys;

    public static string Of(TEnum value) => Names.TryGetValue(value, out var name) ? name : "unknown";

    private static string Read(TEnum value) =>
        typeof(TEnum).GetField(value.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? value.ToString();
}
