using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>401: the server does not accept the credentials.</summary>
public sealed class UnauthorizedException(string message, Status? status = null)
    : KubernetesException(HttpStatusCode.Unauthorized, status?.Reason ?? "Unauthorized", message, status);
