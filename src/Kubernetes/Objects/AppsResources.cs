namespace CertOperator.Kubernetes;

/// <summary>The workloads of apps/v1.</summary>
public static class AppsResources
{
    public static ResourceDefinition<Deployment> Deployments { get; } = new(
        "apps", "v1", "Deployment", "deployments", true,
        KubernetesJsonContext.Default.Deployment, KubernetesJsonContext.Default.KubernetesListDeployment);

    public static ResourceDefinition<StatefulSet> StatefulSets { get; } = new(
        "apps", "v1", "StatefulSet", "statefulsets", true,
        KubernetesJsonContext.Default.StatefulSet, KubernetesJsonContext.Default.KubernetesListStatefulSet);

    public static ResourceDefinition<DaemonSet> DaemonSets { get; } = new(
        "apps", "v1", "DaemonSet", "daemonsets", true,
        KubernetesJsonContext.Default.DaemonSet, KubernetesJsonContext.Default.KubernetesListDaemonSet);
}
