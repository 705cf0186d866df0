namespace CertOperator.Kubernetes;

/// <summary>The key of an object among those of its kind.</summary>
/// <param name="Namespace">Empty for objects of cluster scope.</param>
/// <param name="Name">The object's name.</param>
public readonly record struct NamespacedName(string Namespace, string Name)
{
    public static NamespacedName Of(IKubernetesObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return new NamespacedName(obj.Metadata.Namespace ?? "", obj.Metadata.Name);
    }

    /// <summary>Reads what <see cref="ToString"/> has written for an object in a namespace; null for anything else.</summary>
    public static NamespacedName? TryParse(string? text)
        => text?.Split('/') is [{ Length: > 0 } ns, { Length: > 0 } name] ? new NamespacedName(ns, name) : null;

    /// <summary>"namespace/name", or the name alone for cluster scope.</summary>
    public override string ToString() => string.IsNullOrEmpty(Namespace) ? Name : $"{Namespace}/{Name}";
}
