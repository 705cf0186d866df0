using System.Text.Json;
using System.Text.Json.Nodes;

namespace CertOperator.Kubernetes;

/// <summary>One operation of a JSON patch (RFC 6902). Paths are JSON pointers; see <see cref="PathOf"/>.</summary>
public sealed class JsonPatchOperation
{
    private readonly string _operation;
    private readonly string _path;
    private readonly string? _from;
    private readonly bool _hasValue;
    private readonly JsonNode? _value;

    private JsonPatchOperation(string operation, string path, string? from, bool hasValue, JsonNode? value)
    {
        _operation = operation;
        _path = path;
        _from = from;
        _hasValue = hasValue;
        _value = value;
    }

    public static JsonPatchOperation Add(string path, JsonNode? value) => new("add", path, null, true, value);

    public static JsonPatchOperation Replace(string path, JsonNode? value) => new("replace", path, null, true, value);

    public static JsonPatchOperation Remove(string path) => new("remove", path, null, false, null);

    /// <summary>The whole patch is refused when the value is another one.</summary>
    public static JsonPatchOperation Test(string path, JsonNode? value) => new("test", path, null, true, value);

    public static JsonPatchOperation Move(string from, string path) => new("move", path, from, false, null);

    public static JsonPatchOperation Copy(string from, string path) => new("copy", path, from, false, null);

    /// <summary>The JSON pointer (RFC 6901) through these member names, with "~" and "/" in them escaped.</summary>
    public static string PathOf(params IReadOnlyList<string> segments) => string.Concat(
        segments.Select(segment => "/" + segment.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("op", _operation);
        writer.WriteString("path", _path);
        if (_from is not null)
        {
            writer.WriteString("from", _from);
        }

        if (_hasValue)
        {
            writer.WritePropertyName("value");
            if (_value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                _value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
