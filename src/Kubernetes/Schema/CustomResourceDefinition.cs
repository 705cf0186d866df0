namespace CertOperator.Kubernetes.Schema;

/// <summary>apiextensions.k8s.io/v1 CustomResourceDefinition, as far as this project writes it.</summary>
public sealed class CustomResourceDefinition : IKubernetesObject
{
    public string ApiVersion { get; set; } = "apiextensions.k8s.io/v1";

    public string Kind { get; set; } = "CustomResourceDefinition";

    public ObjectMeta Metadata { get; set; } = new();

    public CustomResourceDefinitionSpec Spec { get; set; } = new();

    public CustomResourceDefinitionStatus? Status { get; set; }
}

public sealed class CustomResourceDefinitionSpec
{
    public string Group { get; set; } = "";

    public CustomResourceDefinitionNames Names { get; set; } = new();

    public string Scope { get; set; } = "Namespaced";

    public List<CustomResourceDefinitionVersion> Versions { get; set; } = [];
}

public sealed class CustomResourceDefinitionNames
{
    public string Kind { get; set; } = "";

    public string ListKind { get; set; } = "";

    public string Plural { get; set; } = "";

    public string Singular { get; set; } = "";

    public List<string>? ShortNames { get; set; }

    public List<string>? Categories { get; set; }
}

public sealed class CustomResourceDefinitionVersion
{
    public string Name { get; set; } = "";

    public bool Served { get; set; } = true;

    public bool Storage { get; set; } = true;

    public CustomResourceValidation Schema { get; set; } = new();

    public CustomResourceSubresources? Subresources { get; set; }

    public List<CustomResourceColumn>? AdditionalPrinterColumns { get; set; }
}

public sealed class CustomResourceValidation
{
    public JsonSchema OpenAPIV3Schema { get; set; } = new();
}

public sealed class CustomResourceSubresources
{
    /// <summary>Present, and empty, when the kind has the status subresource.</summary>
    public Dictionary<string, string>? Status { get; set; }
}

public sealed class CustomResourceColumn
{
    public string Name { get; set; } = "";

    public string Type { get; set; } = "";

    public string? Format { get; set; }

    public string? Description { get; set; }

    public int? Priority { get; set; }

    public string JsonPath { get; set; } = "";
}

public sealed class CustomResourceDefinitionStatus
{
    /// <summary>The type <c>Established</c> says that the server serves the kind.</summary>
    public List<Condition>? Conditions { get; set; }
}
