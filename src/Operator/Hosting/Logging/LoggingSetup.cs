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
        var filter = new LoggerFilterOptions { MinLevel = options.LogLevel };
        // Kestrel tells of every connection; at debug and below that is wanted.
        var foreign = options.LogLevel is LogLevel.Information ? LogLevel.Warning : options.LogLevel;
        filter.Rules.Add(new LoggerFilterRule(null, "Microsoft", foreign, null));
        // Not LoggerFactory.Create: a factory disposes of the providers added to it afterwards, not of those it was built with.
        var loggers = new LoggerFactory([], filter);
        loggers.AddProvider(new QueueLoggerProvider(options.LogFormat, output, time));
        return loggers;
    }
}
