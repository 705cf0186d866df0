using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>410: the version or continue token is too old.</summary>
public sealed class GoneException(string message, Status? status = null)
    : KubernetesException(HttpStatusCode.Gone, status?.Reason ?? "Expired", message, status);
