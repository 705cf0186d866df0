using CertOperator.Kubernetes.Schema;

namespace CertOperator.Kubernetes.Tests.Schema;

/// <summary>A kind without an int-or-string, which API server 1.20 cannot merge.</summary>
[KubernetesEntity(Group = "test.certoperator.io", Version = "v1alpha1", Kind = "Lamp", Plural = "lamps")]
public sealed class Lamp : IKubernetesObject
{
    public string ApiVersion { get; set; } = "test.certoperator.io/v1alpha1";

    public string Kind { get; set; } = "Lamp";

    public ObjectMeta Metadata { get; set; } = new();

    public WidgetStatus? Status { get; set; }
}
