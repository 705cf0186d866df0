using System.Buffers;
using System.Collections.Concurrent;
using CertOperator.Operator.Options;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Hosting.Logging;

/// <summary>Formats records on the thread that logs, and hands the bytes to the queue.</summary>
internal sealed class QueueLoggerProvider : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentDictionary<string, QueueLogger> _loggers = new(StringComparer.Ordinal);
    private readonly ILogLineFormat _format;
    private readonly bool _allFields;
    private readonly LogQueue _queue;
    private readonly TimeProvider _time;
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public QueueLoggerProvider(LogFormat format, Stream output, TimeProvider time, int capacity = 8192)
    {
        // In text the values are in the message already; only those of scopes are added.
        _allFields = format == LogFormat.Json;
        _format = _allFields ? new JsonLogLine() : new TextLogLine();
        _time = time;
        _queue = new LogQueue(output, capacity, DroppedLine);
    }

    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, name => new QueueLogger(this, name));

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose() => _queue.Dispose();

    private byte[] DroppedLine(long count) => Line(new LogRecord(
        _time.GetUtcNow(), LogLevel.Warning, "CertOperator.Operator.Hosting.Logging", new EventId(1002, "LogLinesDropped"),
        $"{count} log lines were dropped: standard output did not take them fast enough", null, new LogRecordFields()));

    private byte[] Line(LogRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        _format.Write(record, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private sealed class QueueLogger(QueueLoggerProvider provider, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var fields = provider._allFields
                ? LogRecordFields.Read(state, provider._scopes, JsonLogLine.Fixed)
                : LogRecordFields.Read<object?>(null, provider._scopes, []);
            provider._queue.Enqueue(provider.Line(new LogRecord(
                provider._time.GetUtcNow(), logLevel, name, eventId, SecretFilter.Clean(formatter(state, exception)),
                exception is null ? null : SecretFilter.Clean(exception.ToString()), fields)));
        }
    }
}
