namespace CertOperator.Kubernetes.Schema;

/// <summary>Names the custom resource that a class describes; <see cref="CrdGenerator"/> reads it.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KubernetesEntityAttribute : Attribute
{
    /// <summary>API group, for example <c>certoperator.io</c>.</summary>
    public required string Group { get; init; }

    /// <summary>API version, for example <c>v1alpha1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Kind in PascalCase.</summary>
    public required string Kind { get; init; }

    /// <summary>Lower-case plural, the last segment of the resource's path.</summary>
    public required string Plural { get; init; }

    /// <summary>Lower-case singular.</summary>
    /// <value>The kind in lower case.</value>
    public string? Singular { get; init; }

    /// <summary>The only name that an object may have; null where it may have any.</summary>
    public string? OnlyName { get; init; }

    public string[] ShortNames { get; init; } = [];

    /// <summary>Groups of resources that list this one too, such as <c>all</c>.</summary>
    public string[] Categories { get; init; } = [];
}
