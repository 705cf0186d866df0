using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>404: there is no such object, or no such path: the kind is not installed.</summary>
public sealed class NotFoundException(string message, Status? status = null)
    : KubernetesException(HttpStatusCode.NotFound, status?.Reason ?? "NotFound", message, status)
{
    /// <summary>True where the server does not know the path. It then sends plain text, or a Status that names no object.</summary>
    public bool IsUnknownKind => string.IsNullOrEmpty(Status?.Details?.Name);
}
