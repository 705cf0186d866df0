namespace CertOperator.Kubernetes;

/// <summary>The reviews of authentication.k8s.io/v1, which can only be created.</summary>
public static class AuthenticationResources
{
    public static ResourceDefinition<TokenReview> TokenReviews { get; } = new(
        "authentication.k8s.io", "v1", "TokenReview", "tokenreviews", false,
        KubernetesJsonContext.Default.TokenReview, KubernetesJsonContext.Default.KubernetesListTokenReview)
    {
        IsNameless = true,
    };
}
