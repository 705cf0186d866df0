using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>409: an object of this name exists.</summary>
public sealed class AlreadyExistsException(string message, Status? status = null)
    : KubernetesException(HttpStatusCode.Conflict, status?.Reason ?? "AlreadyExists", message, status);
