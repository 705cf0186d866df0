using System.Text.Json.Nodes;

namespace CertOperator.TestSupport.Aws;

/// <summary>Reads the fields of a request, each once; what is left over in the end nobody asked for.</summary>
internal sealed class FakeBody(JsonObject body)
{
    private readonly HashSet<string> _left = [.. body.Select(p => p.Key)];

    /// <summary>To be called when all fields that the API knows are read.</summary>
    public void RefuseUnknown()
    {
        if (_left.Count > 0)
        {
            throw new FakeBodyException($"unknown fields {string.Join(", ", _left)}");
        }
    }

    public string Text(string name) => OptionalText(name) ?? throw new FakeBodyException($"{name} is missing");

    public string? OptionalText(string name)
        => Take(name) is not { } value ? null
            : value is JsonValue v && v.TryGetValue(out string? text) ? text
            : throw new FakeBodyException($"{name} is no string");

    public bool? OptionalFlag(string name)
        => Take(name) is not { } value ? null
            : value is JsonValue v && v.TryGetValue(out bool flag) ? flag
            : throw new FakeBodyException($"{name} is no boolean");

    public int? OptionalNumber(string name)
        => Take(name) is not { } value ? null
            : value is JsonValue v && v.TryGetValue(out int number) ? number
            : throw new FakeBodyException($"{name} is no integer");

    public byte[] Bytes(string name) => OptionalBytes(name) ?? throw new FakeBodyException($"{name} is missing");

    public byte[]? OptionalBytes(string name)
    {
        try
        {
            return OptionalText(name) is { } text ? Convert.FromBase64String(text) : null;
        }
        catch (FormatException)
        {
            throw new FakeBodyException($"{name} is no base64");
        }
    }

    public JsonArray? OptionalList(string name)
        => Take(name) is not { } value ? null : value as JsonArray ?? throw new FakeBodyException($"{name} is no list");

    public JsonObject? OptionalObject(string name)
        => Take(name) is not { } value ? null : value as JsonObject ?? throw new FakeBodyException($"{name} is no object");

    private JsonNode? Take(string name)
    {
        _left.Remove(name);
        return body[name];
    }
}

/// <summary>A request that no client of AWS would send.</summary>
internal sealed class FakeBodyException(string message) : Exception(message);
