namespace CertOperator.Kubernetes;

/// <summary>A question to the API server: may I do this? It is answered at once and kept nowhere.</summary>
public sealed class SelfSubjectAccessReview : IKubernetesObject
{
    public string ApiVersion { get; set; } = "authorization.k8s.io/v1";

    public string Kind { get; set; } = "SelfSubjectAccessReview";

    public ObjectMeta Metadata { get; set; } = new();

    public AccessReviewSpec Spec { get; set; } = new();

    public AccessReviewStatus? Status { get; set; }
}

/// <summary>What would be done.</summary>
public sealed record AccessReviewSpec
{
    public ResourceAttributes? ResourceAttributes { get; init; }
}

/// <summary>A verb on a resource.</summary>
public sealed record ResourceAttributes
{
    public string? Namespace { get; init; }

    public string? Verb { get; init; }

    public string? Group { get; init; }

    public string? Resource { get; init; }

    public string? Name { get; init; }
}

/// <summary>The answer.</summary>
public sealed record AccessReviewStatus
{
    public bool Allowed { get; init; }

    public string? Reason { get; init; }
}
