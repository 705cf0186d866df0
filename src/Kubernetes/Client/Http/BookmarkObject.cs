namespace CertOperator.Kubernetes;

/// <summary>The only part of a bookmark's object that says something.</summary>
internal sealed class BookmarkObject
{
    public ListMeta? Metadata { get; set; }
}
