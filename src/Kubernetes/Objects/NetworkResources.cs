namespace CertOperator.Kubernetes;

/// <summary>The kinds by which requests from outside reach pods.</summary>
public static class NetworkResources
{
    public static ResourceDefinition<Service> Services { get; } = new(
        "", "v1", "Service", "services", true,
        KubernetesJsonContext.Default.Service, KubernetesJsonContext.Default.KubernetesListService);

    public static ResourceDefinition<EndpointSlice> EndpointSlices { get; } = EndpointSlicesOf("v1");

    /// <summary>For servers before 1.21, which have no other.</summary>
    public static ResourceDefinition<EndpointSlice> EndpointSlicesBeta { get; } = EndpointSlicesOf("v1beta1");

    public static ResourceDefinition<Ingress> Ingresses { get; } = new(
        "networking.k8s.io", "v1", "Ingress", "ingresses", true,
        KubernetesJsonContext.Default.Ingress, KubernetesJsonContext.Default.KubernetesListIngress);

    /// <summary>Of the Gateway API, which a cluster has to have installed.</summary>
    public static ResourceDefinition<HttpRoute> HttpRoutes { get; } = new(
        "gateway.networking.k8s.io", "v1", HttpRoute.KindName, "httproutes", true,
        KubernetesJsonContext.Default.HttpRoute, KubernetesJsonContext.Default.KubernetesListHttpRoute);

    private static ResourceDefinition<EndpointSlice> EndpointSlicesOf(string version) => new(
        "discovery.k8s.io", version, "EndpointSlice", "endpointslices", true,
        KubernetesJsonContext.Default.EndpointSlice, KubernetesJsonContext.Default.KubernetesListEndpointSlice);
}
