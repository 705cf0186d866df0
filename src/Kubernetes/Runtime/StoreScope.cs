namespace CertOperator.Kubernetes;

/// <summary>Which objects belong into a store: those that its informer asks the API server for.</summary>
internal sealed class StoreScope(IReadOnlyList<string> namespaces, LabelSelector selector)
{
    /// <summary>The namespaces, each of which has a watch of its own; "" alone for all.</summary>
    public IReadOnlyList<string> Namespaces { get; } = namespaces.Count == 0 ? [""] : [.. namespaces.Distinct(StringComparer.Ordinal)];

    public bool Contains(IKubernetesObject obj) =>
        (Namespaces[0].Length == 0 || Namespaces.Contains(obj.Metadata.Namespace ?? "", StringComparer.Ordinal))
        && selector.Matches(obj.Metadata.Labels);

    /// <summary>The namespace whose watch brings the changes of objects of the given one.</summary>
    public string WatchOf(string ns) => Namespaces[0].Length == 0 ? "" : ns;
}
