using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes;

public sealed partial class EventRecorder
{
    [LoggerMessage(230, LogLevel.Warning, "An event {Reason} names no object or no reason and was dropped")]
    private partial void Incomplete(string? reason);

    [LoggerMessage(231, LogLevel.Warning, "Too many events wait; dropped {Reason} about {Kind} {Namespace}/{Name}")]
    private partial void TooMany(string reason, string kind, string? @namespace, string name);

    [LoggerMessage(232, LogLevel.Warning, "The event {Reason} about a {Kind} could not be written as {Event}: {Error}")]
    private partial void Refused(string reason, string kind, NamespacedName @event, string error);

    [LoggerMessage(233, LogLevel.Warning, "{Count} events were not written before the end")]
    private partial void LeftOver(int count);
}
