using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>5xx: the server or something in front of it failed; later the request may succeed.</summary>
public sealed class ServerUnavailableException(HttpStatusCode statusCode, string message, TimeSpan? retryAfter = null, Status? status = null)
    : KubernetesException(statusCode, status?.Reason, message, status)
{
    /// <summary>How long the server asks to wait; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
