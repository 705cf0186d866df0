using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>409: the object has changed since it was read, a precondition does not hold, or another manager owns an applied field.</summary>
public sealed class ConflictException(string message, Status? status = null)
    : KubernetesException(HttpStatusCode.Conflict, status?.Reason ?? "Conflict", message, status);
