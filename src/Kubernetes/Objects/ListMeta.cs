namespace CertOperator.Kubernetes;

/// <summary>Metadata of a list or of one page of it.</summary>
public sealed class ListMeta
{
    /// <summary>The version that the list shows; a watch starts from it.</summary>
    public string? ResourceVersion { get; set; }

    /// <summary>Token for the next page; null or empty on the last one.</summary>
    public string? Continue { get; set; }

    /// <summary>How many objects follow; absent when a selector was given.</summary>
    public long? RemainingItemCount { get; set; }
}
