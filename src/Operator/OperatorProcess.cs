using CertOperator.Kubernetes;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Hosting.Logging;
using CertOperator.Operator.Options;
using CertOperator.Operator.Secrets.Sealing;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator;

/// <summary>One run of the operator, from options to exit code.</summary>
public static partial class OperatorProcess
{
    /// <summary>Works until the token is cancelled; then finishes or parks what is in progress and gives the Lease back.</summary>
    public static async Task<int> RunAsync(OperatorOptions options, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        using var loggers = LoggingSetup.Create(options, time);
        var logger = loggers.CreateLogger("CertOperator");
        LogStarting(logger, BuildInformation.Current.Version, BuildInformation.Current.Commit);
        try
        {
            await using var composition = new Composition(options, KubernetesClientConfiguration.Load(options.Kubeconfig, options.Context), time, loggers);
            await composition.RunAsync(cancellationToken);
            LogEnded(logger);
            return ExitCodes.Ended;
        }
        catch (Exception e) when (e is KubernetesConfigurationException or ListenException or MasterKeyException)
        {
            LogRefused(logger, e.Message);
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, e);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            LogEnded(logger);
            return ExitCodes.Ended;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "CertOperator {Version} ({Commit}) starts.")]
    private static partial void LogStarting(ILogger logger, string version, string commit);

    [LoggerMessage(2, LogLevel.Information, "Stopped as asked.")]
    private static partial void LogEnded(ILogger logger);

    [LoggerMessage(3, LogLevel.Error, "Cannot start: {Message}")]
    private static partial void LogRefused(ILogger logger, string message);

    [LoggerMessage(4, LogLevel.Critical, "Stopped by an error.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
