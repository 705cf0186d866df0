using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes;

public sealed partial class Controller
{
    [LoggerMessage(200, LogLevel.Information, "Controller {Controller} started with {Workers} workers")]
    private partial void Started(string controller, int workers);

    [LoggerMessage(201, LogLevel.Information, "Controller {Controller} stopped")]
    private partial void Stopped(string controller);

    [LoggerMessage(202, LogLevel.Information, "Controller {Controller}: {Key} was interrupted by the end and waits in the queue again")]
    private partial void Interrupted(string controller, NamespacedName key);

    [LoggerMessage(203, LogLevel.Debug, "Controller {Controller}: {Key} met a newer version of the object; again in {DelaySeconds} s")]
    private partial void MetNewerVersion(Exception exception, string controller, NamespacedName key, double delaySeconds);

    [LoggerMessage(204, LogLevel.Error, "Controller {Controller}: {Key} failed, for the {Failures}. time in a row; again in {DelaySeconds} s")]
    private partial void Failed(Exception exception, string controller, NamespacedName key, int failures, double delaySeconds);
}
