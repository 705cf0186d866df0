namespace CertOperator.Kubernetes;

/// <summary>Where a kind and its objects are found below the server's URL.</summary>
internal sealed class ResourcePath(string group, string version, string plural, bool namespaced)
{
    private readonly string _root = string.IsNullOrEmpty(group) ? $"/api/{version}" : $"/apis/{group}/{version}";

    /// <param name="ns">Null or empty: all namespaces.</param>
    public string Collection(string? ns) => namespaced && !string.IsNullOrEmpty(ns)
        ? $"{_root}/namespaces/{Segment(ns)}/{plural}"
        : $"{_root}/{plural}";

    /// <summary>Where objects are created.</summary>
    public string CollectionOf(ObjectMeta metadata)
    {
        RequireNamespace(metadata.Namespace, metadata.Name);
        return Collection(metadata.Namespace);
    }

    public string Object(NamespacedName name, string? subresource = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name.Name);
        RequireNamespace(name.Namespace, name.Name);
        var path = $"{Collection(name.Namespace)}/{Segment(name.Name)}";
        return subresource is null ? path : $"{path}/{Segment(subresource)}";
    }

    private void RequireNamespace(string? ns, string name)
    {
        if (namespaced && string.IsNullOrEmpty(ns))
        {
            throw new ArgumentException($"{plural} live in namespaces, but \"{name}\" has none", nameof(ns));
        }
    }

    // Escaping does not change dots, and a path with them would lead to another resource.
    private static string Segment(string segment) => segment is "." or ".."
        ? throw new ArgumentException($"\"{segment}\" is no name", nameof(segment))
        : Uri.EscapeDataString(segment);
}
