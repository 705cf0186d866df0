namespace CertOperator.Kubernetes;

/// <summary>What can be had of service accounts.</summary>
public static class ServiceAccountResources
{
    public static ResourceDefinition<TokenRequest> TokenRequests { get; } = new(
        "", "v1", "TokenRequest", "serviceaccounts", true,
        KubernetesJsonContext.Default.TokenRequest, KubernetesJsonContext.Default.KubernetesListTokenRequest)
    {
        IsNameless = true,
        Subresource = "token",
    };
}
