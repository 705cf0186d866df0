using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>422: the object is not valid; <see cref="KubernetesException.Causes"/> name field and message.</summary>
public sealed class InvalidException(string message, Status? status = null)
    : KubernetesException(HttpStatusCode.UnprocessableEntity, status?.Reason ?? "Invalid", message, status);
