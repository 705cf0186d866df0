using System.Buffers;
using System.Globalization;
using System.Text;

namespace CertOperator.Operator.Hosting.Logging;

/// <summary>For people: time, level, logger, message, the values of scopes, and an exception on lines of its own.</summary>
internal sealed class TextLogLine : ILogLineFormat
{
    public void Write(LogRecord record, IBufferWriter<byte> output)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{record.TimeText} {record.LevelName,-5} {record.Logger}: {OneLine(record.Message)}");
        foreach (var (key, value) in record.Fields.Fields)
        {
            var text = Convert.ToString(LogRecordFields.Simplify(value), CultureInfo.InvariantCulture) ?? "";
            line.Append(CultureInfo.InvariantCulture, $" {key}={Quote(OneLine(SecretFilter.Clean(text)))}");
        }

        line.Append('\n');
        if (record.Exception is { } exception)
        {
            line.Append(exception.TrimEnd()).Append('\n');
        }

        foreach (var chunk in line.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, output);
        }
    }

    // A message may quote what came from outside; it must not be able to look like a line of its own.
    private static string OneLine(string text) => text.AsSpan().IndexOfAny('\n', '\r') < 0 ? text : text.ReplaceLineEndings("\\n");

    private static string Quote(string text) => text.Length > 0 && !text.Contains(' ', StringComparison.Ordinal) ? text : $"\"{text}\"";
}
