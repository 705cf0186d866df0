namespace CertOperator.Kubernetes.Schema;

/// <summary>Definitions of custom resources are a resource themselves; set-ups and tests install them with it.</summary>
public static class SchemaResources
{
    public static ResourceDefinition<CustomResourceDefinition> CustomResourceDefinitions { get; } = new(
        "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false,
        SchemaJsonContext.Default.CustomResourceDefinition, SchemaJsonContext.Default.KubernetesListCustomResourceDefinition);
}
