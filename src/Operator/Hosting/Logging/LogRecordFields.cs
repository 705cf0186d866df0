using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Hosting.Logging;

/// <summary>The named values of one log record: those of the message first, then those of the scopes from the inside out. Each name counts once.</summary>
internal sealed class LogRecordFields
{
    private readonly List<KeyValuePair<string, object?>> _fields = [];

    public IReadOnlyList<KeyValuePair<string, object?>> Fields => _fields;

    public static LogRecordFields Read<TState>(TState state, IExternalScopeProvider? scopes, IReadOnlyCollection<string> reserved)
    {
        var fields = new LogRecordFields();
        fields.Add(state, reserved);
        var outerFirst = new List<object?>();
        scopes?.ForEachScope((scope, list) => list.Add(scope), outerFirst);
        for (var i = outerFirst.Count - 1; i >= 0; i--)
        {
            fields.Add(outerFirst[i], reserved);
        }

        return fields;
    }

    /// <summary>A value as a JSON reader wants it: numbers and booleans stay, the rest is text.</summary>
    public static object? Simplify(object? value) => value switch
    {
        null or bool or string => value,
        int or long or short or byte or uint or double => value,
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        TimeSpan duration => duration.TotalSeconds,
        // Bytes are most often a key or a certificate.
        byte[] bytes => $"({bytes.Length} bytes)",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private void Add(object? source, IReadOnlyCollection<string> reserved)
    {
        if (source is not IEnumerable<KeyValuePair<string, object?>> pairs)
        {
            return;
        }

        foreach (var (key, value) in pairs)
        {
            if (key is "{OriginalFormat}")
            {
                continue;
            }

            var name = JsonNamingPolicy.CamelCase.ConvertName(key);
            name = reserved.Contains(name) ? name + "_" : name;
            if (!_fields.Exists(f => f.Key == name))
            {
                _fields.Add(KeyValuePair.Create(name, value));
            }
        }
    }
}
