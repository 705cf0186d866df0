namespace CertOperator.Kubernetes;

/// <summary>A question to the API server: may somebody else do this? It is answered at once and kept nowhere.</summary>
public sealed class SubjectAccessReview : IKubernetesObject
{
    public string ApiVersion { get; set; } = "authorization.k8s.io/v1";

    public string Kind { get; set; } = "SubjectAccessReview";

    public ObjectMeta Metadata { get; set; } = new();

    public SubjectAccessReviewSpec Spec { get; set; } = new();

    public AccessReviewStatus? Status { get; set; }
}

/// <summary>Who would do what.</summary>
public sealed record SubjectAccessReviewSpec
{
    public NonResourceAttributes? NonResourceAttributes { get; init; }

    public string? User { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<string>? Groups { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra { get; init; }
}

/// <summary>A verb on a path that is no resource.</summary>
public sealed record NonResourceAttributes
{
    public string? Path { get; init; }

    /// <summary>The HTTP method in lower case.</summary>
    public string? Verb { get; init; }
}
