using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CertOperator.Operator.Hosting.Logging;

/// <summary>One JSON object a line. Values of the message and of scopes are fields beside the fixed ones.</summary>
internal sealed class JsonLogLine : ILogLineFormat
{
    /// <summary>The fixed fields; a value of one of these names gets an underscore behind it.</summary>
    public static readonly IReadOnlyCollection<string> Fixed =
        new HashSet<string>(StringComparer.Ordinal) { "timestamp", "level", "logger", "message", "event", "eventId", "exception" };

    // For terminals and log stores, not for HTML: letters and quotes stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Write(LogRecord record, IBufferWriter<byte> output)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("timestamp"u8, record.TimeText);
            json.WriteString("level"u8, record.LevelName);
            json.WriteString("logger"u8, record.Logger);
            json.WriteString("message"u8, record.Message);
            if (record.Event.Id != 0)
            {
                json.WriteNumber("eventId"u8, record.Event.Id);
            }

            if (record.Event.Name is { } name)
            {
                json.WriteString("event"u8, name);
            }

            foreach (var (key, value) in record.Fields.Fields)
            {
                json.WritePropertyName(key);
                Value(json, LogRecordFields.Simplify(value));
            }

            if (record.Exception is { } exception)
            {
                json.WriteString("exception"u8, exception);
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void Value(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case int or long or short or byte or uint:
                json.WriteNumberValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteStringValue(SecretFilter.Clean(value.ToString() ?? ""));
                break;
        }
    }
}
