using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertOperator.Crds;

/// <summary>RFC 3339 in UTC with milliseconds: short renewals would otherwise show no duration at all.</summary>
public class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    private readonly string _format;

    public UtcTimeConverter()
        : this("yyyy-MM-dd'T'HH:mm:ss.fff'Z'")
    {
    }

    protected UtcTimeConverter(string format) => _format = format;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.UtcDateTime.ToString(_format, CultureInfo.InvariantCulture));
}
