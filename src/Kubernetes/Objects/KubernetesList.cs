namespace CertOperator.Kubernetes;

/// <summary>A list of objects, or one page of it.</summary>
/// <typeparam name="T">The kind of the items.</typeparam>
public sealed class KubernetesList<T>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public ListMeta Metadata { get; set => field = value ?? new ListMeta(); } = new();

    /// <summary>Never null: a server may write an empty list as null.</summary>
    public List<T> Items { get; set => field = value ?? []; } = [];
}
