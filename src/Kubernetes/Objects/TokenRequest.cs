namespace CertOperator.Kubernetes;

/// <summary>Asks the API server for a token of a service account. Its metadata name that account.</summary>
public sealed class TokenRequest : IKubernetesObject
{
    public string ApiVersion { get; set; } = "authentication.k8s.io/v1";

    public string Kind { get; set; } = "TokenRequest";

    public ObjectMeta Metadata { get; set; } = new();

    public TokenRequestSpec Spec { get; set; } = new();

    public TokenRequestStatus? Status { get; set; }
}

/// <summary>What the token is to be like.</summary>
public sealed record TokenRequestSpec
{
    /// <summary>Whom the token is for.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>At least 600.</summary>
    public long? ExpirationSeconds { get; init; }
}

/// <summary>The token.</summary>
public sealed record TokenRequestStatus
{
    /// <summary>Secret.</summary>
    public string? Token { get; init; }

    /// <summary>Keeps the token out of logs and exception texts that print the record.</summary>
    public override string ToString() => nameof(TokenRequestStatus);
}
