namespace CertOperator.Kubernetes;

/// <summary>A question to the API server: whose token is this? It is answered at once and kept nowhere.</summary>
public sealed class TokenReview : IKubernetesObject
{
    public string ApiVersion { get; set; } = "authentication.k8s.io/v1";

    public string Kind { get; set; } = "TokenReview";

    public ObjectMeta Metadata { get; set; } = new();

    public TokenReviewSpec Spec { get; set; } = new();

    public TokenReviewStatus? Status { get; set; }
}

/// <summary>The token.</summary>
public sealed record TokenReviewSpec
{
    /// <summary>Secret.</summary>
    public string? Token { get; init; }

    /// <summary>Keeps the token out of logs and exception texts that print the record.</summary>
    public override string ToString() => nameof(TokenReviewSpec);
}

/// <summary>The answer.</summary>
public sealed record TokenReviewStatus
{
    public bool Authenticated { get; init; }

    /// <summary>Empty unless authenticated.</summary>
    public UserInfo? User { get; init; }

    public string? Error { get; init; }
}

/// <summary>Who a user is, in the words of a review.</summary>
public sealed record UserInfo
{
    public string? Username { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>What the authenticator adds, for authorizers that ask for it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra { get; init; }
}
