using System.Buffers;
using System.Globalization;
using System.Text;

namespace CertOperator.Operator.Telemetry;

/// <summary>Writes the Prometheus text format 0.0.4 as UTF-8, straight into the response's buffer.</summary>
/// <remarks>https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format</remarks>
public sealed class MetricTextWriter(IBufferWriter<byte> output)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly SearchValues<char> EscapedInLabel = SearchValues.Create("\\\"\n");
    private static readonly SearchValues<char> EscapedInHelp = SearchValues.Create("\\\n");

    /// <summary>Bytes written so far.</summary>
    public long Written { get; private set; }

    /// <summary>The HELP and TYPE lines; the samples follow at once.</summary>
    public void Family(string name, string type, string help)
    {
        Raw("# HELP "u8);
        Ascii(name);
        Raw(" "u8);
        Text(help, EscapedInHelp);
        Raw("\n# TYPE "u8);
        Ascii(name);
        Raw(" "u8);
        Ascii(type);
        Raw("\n"u8);
    }

    /// <summary>One line. The labels are pairs with commas between, as <see cref="Label"/> makes them, or none.</summary>
    public void Sample(string name, ReadOnlySpan<byte> labels, double value)
    {
        Ascii(name);
        if (!labels.IsEmpty)
        {
            Raw("{"u8);
            Raw(labels);
            Raw("}"u8);
        }

        Raw(" "u8);
        Number(value);
        Raw("\n"u8);
    }

    /// <summary>One line whose labels are written in place, for series that are not kept.</summary>
    public void Sample(string name, ReadOnlySpan<string> labelNames, ReadOnlySpan<string> labelValues, double value)
    {
        Ascii(name);
        Raw("{"u8);
        for (var i = 0; i < labelNames.Length; i++)
        {
            if (i > 0)
            {
                Raw(","u8);
            }

            Label(labelNames[i], labelValues[i]);
        }

        Raw("} "u8);
        Number(value);
        Raw("\n"u8);
    }

    /// <summary>One pair, <c>name="value"</c>.</summary>
    public void Label(string name, string value)
    {
        Ascii(name);
        Raw("=\""u8);
        Text(value, EscapedInLabel);
        Raw("\""u8);
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        // Not Write, which asks for a span of any length: Kestrel hands out an empty one where a chunk is just full.
        bytes.CopyTo(output.GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    private void Ascii(string text)
    {
        var span = output.GetSpan(text.Length);
        Advance(Encoding.ASCII.GetBytes(text, span));
    }

    private void Text(ReadOnlySpan<char> text, SearchValues<char> escaped)
    {
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny(escaped);
            var part = plain < 0 ? text : text[..plain];
            Advance(Encoding.UTF8.GetBytes(part, output.GetSpan(Encoding.UTF8.GetMaxByteCount(part.Length))));
            if (plain < 0)
            {
                return;
            }

            Raw(text[plain] switch
            {
                '\n' => "\\n"u8,
                '"' => "\\\""u8,
                _ => "\\\\"u8,
            });
            text = text[(plain + 1)..];
        }
    }

    private void Number(double value)
    {
        if (double.IsFinite(value))
        {
            value.TryFormat(output.GetSpan(32), out var length, provider: CultureInfo.InvariantCulture);
            Advance(length);
            return;
        }

        Raw(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8);
    }

    private void Advance(int count)
    {
        output.Advance(count);
        Written += count;
    }
}
