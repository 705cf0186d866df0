using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Hosting.Logging;

/// <summary>One record as the formats take it; texts are clean already.</summary>
internal sealed record LogRecord(
    DateTimeOffset Time,
    LogLevel Level,
    string Logger,
    EventId Event,
    string Message,
    string? Exception,
    LogRecordFields Fields)
{
    public string LevelName => Level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    public string TimeText => Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
