namespace CertOperator.Kubernetes;

/// <summary>What an <see cref="Informer{T}"/> watches.</summary>
public sealed record InformerOptions
{
    /// <summary>The namespaces to watch, each with a watch of its own.</summary>
    /// <value>Default: empty, for all. Must be empty for kinds of cluster scope.</value>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Only objects with these labels; see <see cref="CertOperator.Kubernetes.LabelSelector"/>.</summary>
    /// <value>Default: null, for all.</value>
    public string? LabelSelector { get; init; }

    /// <summary>How often handlers are told of every object again, without asking the API server.</summary>
    /// <value>Default: null, for never.</value>
    public TimeSpan? ResyncPeriod { get; init; }

    /// <summary>Objects in one page of a list.</summary>
    /// <value>Default: 500.</value>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// Whether the first list may come from the API server's watch cache, which answers several times faster than etcd. It may be
    /// behind by what happened a moment ago, which the watch then brings, so it is for kinds on whose newest state no action rests.
    /// </summary>
    /// <value>Default: false; each list is of the newest state.</value>
    public bool FirstListFromCache { get; init; }

    internal void Validate(bool namespaced)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(PageSize, 1);
        if (ResyncPeriod is { } period)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        }

        foreach (string ns in Namespaces)
        {
            ArgumentException.ThrowIfNullOrEmpty(ns);
        }

        if (!namespaced && Namespaces.Count > 0)
        {
            throw new ArgumentException("A kind of cluster scope cannot be watched by namespace.");
        }
    }
}
