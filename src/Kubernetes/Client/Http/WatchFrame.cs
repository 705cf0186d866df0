using System.Buffers;
using System.Text.Json;

namespace CertOperator.Kubernetes;

/// <summary>Reads one line of a watch: {"type": ..., "object": ...}.</summary>
internal static class WatchFrame
{
    private enum FrameType
    {
        Unknown,
        Added,
        Modified,
        Deleted,
        Bookmark,
        Error,
    }

    /// <summary>Null for types that this client does not know.</summary>
    /// <exception cref="JsonException">Not such a line.</exception>
    /// <exception cref="KubernetesException">The event is an error.</exception>
    public static WatchEvent<T>? Parse<T>(ReadOnlySequence<byte> line, ResourceAnswers<T> answers, ApiRequest request)
        where T : class, IKubernetesObject
    {
        var reader = new Utf8JsonReader(line);
        var type = FrameType.Unknown;
        var hasObject = false;
        Utf8JsonReader content = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a watch event is an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType)
            {
                type = TypeOf(ref reader);
            }
            else if (isObject)
            {
                // Put aside as it is: what to read it as depends on the type, which may come later.
                content = reader;
                hasObject = true;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        return hasObject ? Read(type, ref content, answers, request) : throw new JsonException("a watch event has an object");
    }

    private static WatchEvent<T>? Read<T>(FrameType type, ref Utf8JsonReader content, ResourceAnswers<T> answers, ApiRequest request)
        where T : class, IKubernetesObject
    {
        switch (type)
        {
            case FrameType.Added:
                return new WatchEvent<T>.Added(answers.Read(ref content));
            case FrameType.Modified:
                return new WatchEvent<T>.Modified(answers.Read(ref content));
            case FrameType.Deleted:
                return new WatchEvent<T>.Deleted(answers.Read(ref content));
            case FrameType.Bookmark:
                var bookmark = JsonSerializer.Deserialize(ref content, WireJsonContext.Default.BookmarkObject);
                return bookmark?.Metadata?.ResourceVersion is { Length: > 0 } version ? new WatchEvent<T>.Bookmark(version) : null;
            case FrameType.Error:
                var status = JsonSerializer.Deserialize(ref content, KubernetesJsonContext.Default.Status);
                throw ErrorAnswer.FromEvent(request, status ?? new Status());
            default:
                return null;
        }
    }

    private static FrameType TypeOf(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? throw new JsonException("a watch event's type is a string")
        : reader.ValueTextEquals("ADDED"u8) ? FrameType.Added
        : reader.ValueTextEquals("MODIFIED"u8) ? FrameType.Modified
        : reader.ValueTextEquals("DELETED"u8) ? FrameType.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? FrameType.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? FrameType.Error
        : FrameType.Unknown;
}
