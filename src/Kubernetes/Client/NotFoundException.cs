using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>404: there is no such object, or, when <see cref="KubernetesException.Status"/> is null, no such path: the kind is not installed.</summary>
public sealed class NotFoundException(string message, Status? status = null)
    : KubernetesException(HttpStatusCode.NotFound, status?.Reason ?? "NotFound", message, status);
