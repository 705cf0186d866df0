using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>429: the server is busy, and was still so after the client's own repetitions.</summary>
public sealed class TooManyRequestsException(string message, TimeSpan? retryAfter, Status? status = null)
    : KubernetesException(HttpStatusCode.TooManyRequests, status?.Reason ?? "TooManyRequests", message, status)
{
    /// <summary>How long the server asks to wait; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
