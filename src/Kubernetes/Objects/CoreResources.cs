namespace CertOperator.Kubernetes;

/// <summary>The kinds of Kubernetes itself that this library knows.</summary>
public static class CoreResources
{
    public static ResourceDefinition<Secret> Secrets { get; } = new(
        "", "v1", "Secret", "secrets", true,
        KubernetesJsonContext.Default.Secret, KubernetesJsonContext.Default.KubernetesListSecret);

    /// <summary>Secrets without their data, which the server leaves out.</summary>
    public static ResourceDefinition<PartialObjectMetadata> SecretMetadata { get; } = new(
        "", "v1", PartialObjectMetadata.KindName, "secrets", true,
        KubernetesJsonContext.Default.PartialObjectMetadata, KubernetesJsonContext.Default.KubernetesListPartialObjectMetadata)
    {
        IsMetadata = true,
    };

    /// <summary>Secrets of type kubernetes.io/tls without their key. To be read, not to be written.</summary>
    public static ResourceDefinition<TlsCertificateSecret> TlsCertificates { get; } = new(
        "", "v1", "Secret", "secrets", true,
        KubernetesJsonContext.Default.TlsCertificateSecret, KubernetesJsonContext.Default.KubernetesListTlsCertificateSecret);

    public static ResourceDefinition<ConfigMap> ConfigMaps { get; } = new(
        "", "v1", "ConfigMap", "configmaps", true,
        KubernetesJsonContext.Default.ConfigMap, KubernetesJsonContext.Default.KubernetesListConfigMap);

    public static ResourceDefinition<Lease> Leases { get; } = new(
        "coordination.k8s.io", "v1", "Lease", "leases", true,
        KubernetesJsonContext.Default.Lease, KubernetesJsonContext.Default.KubernetesListLease);

    public static ResourceDefinition<Event> Events { get; } = new(
        "events.k8s.io", "v1", "Event", "events", true,
        KubernetesJsonContext.Default.Event, KubernetesJsonContext.Default.KubernetesListEvent);
}
