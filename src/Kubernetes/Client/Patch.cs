using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace CertOperator.Kubernetes;

/// <summary>A change of an object: a merge patch (RFC 7396) or a JSON patch (RFC 6902).</summary>
public sealed class Patch
{
    private Patch(string contentType, byte[] body)
    {
        ContentType = contentType;
        Bytes = body;
    }

    public string ContentType { get; }

    /// <summary>The patch document, JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Body => Bytes;

    internal byte[] Bytes { get; }

    /// <param name="json">A JSON object; null values remove fields.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static Patch Merge(string json)
    {
        using var parsed = JsonDocument.Parse(json);
        return new Patch("application/merge-patch+json", Encoding.UTF8.GetBytes(json));
    }

    public static Patch Merge(JsonObject document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new Patch("application/merge-patch+json", Write(document.WriteTo));
    }

    /// <summary>Fields that are null in <paramref name="document"/> are left as they are, not removed.</summary>
    public static Patch Merge<TDocument>(TDocument document, JsonTypeInfo<TDocument> typeInfo) =>
        new("application/merge-patch+json", JsonSerializer.SerializeToUtf8Bytes(document, typeInfo));

    public static Patch Json(params IReadOnlyList<JsonPatchOperation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        return new Patch("application/json-patch+json", Write((writer, _) =>
        {
            writer.WriteStartArray();
            foreach (var operation in operations)
            {
                operation.WriteTo(writer);
            }

            writer.WriteEndArray();
        }));
    }

    private static byte[] Write(Action<Utf8JsonWriter, JsonSerializerOptions?> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer, null);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
