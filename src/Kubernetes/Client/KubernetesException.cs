using System.Net;

namespace CertOperator.Kubernetes;

/// <summary>The API server refused a request. Subclasses stand for the refusals that callers tell apart.</summary>
public class KubernetesException : Exception
{
    public KubernetesException(HttpStatusCode? statusCode, string? reason, string message, Status? status = null, Exception? innerException = null)
        : base(message, innerException)
    {
        StatusCode = statusCode;
        Reason = reason;
        Status = status;
    }

    /// <summary>Null when the server did not answer.</summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>The server's constant for the cause, such as "Conflict".</summary>
    public string? Reason { get; }

    /// <summary>A missing right, a quota, an admission webhook or a rule of the schema: a person has to mend it, and the same request is refused until then.</summary>
    public bool NeedsMending => StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.UnprocessableEntity;

    /// <summary>What the server said; null when it did not send a Status.</summary>
    public Status? Status { get; }

    /// <summary>The single reasons, where the server gave them.</summary>
    public IReadOnlyList<StatusCause> Causes => Status?.Details?.Causes ?? [];
}
