using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes;

/// <summary>The log messages of informers. Not nested in them, since they are generic.</summary>
internal static partial class InformerLog
{
    [LoggerMessage(210, LogLevel.Debug, "Listed {Count} {Resource} in namespace \"{Namespace}\" at version {Version}")]
    public static partial void Listed(ILogger logger, int count, string resource, string @namespace, string version);

    [LoggerMessage(211, LogLevel.Information, "The watch of {Resource} in namespace \"{Namespace}\" cannot be resumed, the version is gone; listing again")]
    public static partial void VersionGone(ILogger logger, Exception exception, string resource, string @namespace);

    [LoggerMessage(212, LogLevel.Warning, "Listing or watching {Resource} in namespace \"{Namespace}\" failed; again in {DelaySeconds} s: {Error}")]
    public static partial void Failed(ILogger logger, string resource, string @namespace, double delaySeconds, string error);

    [LoggerMessage(213, LogLevel.Debug, "Listing or watching {Resource} in namespace \"{Namespace}\" failed")]
    public static partial void FailureDetails(ILogger logger, Exception exception, string resource, string @namespace);

    [LoggerMessage(214, LogLevel.Warning, "The watch of {Resource} in namespace \"{Namespace}\" did not end when it should have; starting another")]
    public static partial void WatchDead(ILogger logger, string resource, string @namespace);

    [LoggerMessage(215, LogLevel.Error, "A handler failed on the change {Change} of {Resource} {Key}")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, ObjectChangeKind change, string resource, NamespacedName key);
}
