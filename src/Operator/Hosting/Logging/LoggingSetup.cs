using CertOperator.Operator.Options;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Hosting.Logging;

/// <summary>The logging of the process.</summary>
public static class LoggingSetup
{
    /// <summary>Loggers that write to standard output. Disposing the factory waits until all lines are out, five seconds at most.</summary>
    public static ILoggerFactory Create(OperatorOptions options, TimeProvider time) =>
        Create(options, time, Console.OpenStandardOutput());

    /// <summary>Loggers that write to a stream, which stays open.</summary>
    public static ILoggerFactory Create(OperatorOptions options, TimeProvider time, Stream output)
    {
        ArgumentNullException.ThrowIfNull(options);
        return LoggerFactory.Create(builder => builder
            .SetMinimumLevel(options.LogLevel)
            // Kestrel tells of every connection; at debug and below that is wanted.
            .AddFilter("Microsoft", level => level >= (options.LogLevel <= LogLevel.Debug ? options.LogLevel : LogLevel.Warning))
            .AddProvider(new QueueLoggerProvider(options.LogFormat, output, time)));
    }
}
