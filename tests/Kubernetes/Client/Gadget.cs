using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>A kind of cluster scope that another assembly declares, with a context of its own.</summary>
public sealed class Gadget : IKubernetesObject
{
    public static ResourceDefinition<Gadget> Definition { get; } = new(
        "gadgets.test", "v1alpha1", "Gadget", "gadgets", false, GadgetContext.Default.Gadget, GadgetContext.Default.KubernetesListGadget);

    public string ApiVersion { get; set; } = "gadgets.test/v1alpha1";

    public string Kind { get; set; } = "Gadget";

    public ObjectMeta Metadata { get; set; } = new();

    public int? Size { get; set; }

    public GadgetStatus? Status { get; set; }
}

public sealed class GadgetStatus
{
    public string? Phase { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Gadget))]
[JsonSerializable(typeof(KubernetesList<Gadget>))]
internal sealed partial class GadgetContext : JsonSerializerContext;
