namespace CertOperator.Kubernetes;

/// <summary>What a list shows.</summary>
public sealed record ListOptions
{
    /// <summary>Null or empty: all namespaces.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Objects a page; null: all in one answer.</summary>
    public int? Limit { get; init; }

    /// <summary>The token of the page before.</summary>
    public string? Continue { get; init; }

    /// <summary>Null: the newest, by a quorum read. "0": whatever the server has in its cache.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>"NotOlderThan" or "Exact".</summary>
    public string? ResourceVersionMatch { get; init; }
}
