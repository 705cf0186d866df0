using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>403: the caller may not do this.</summary>
public sealed class ForbiddenException(string message, Status? status = null)
    : KubernetesException(HttpStatusCode.Forbidden, status?.Reason ?? "Forbidden", message, status);
