namespace CertOperator.Kubernetes;

/// <summary>What a watch shows.</summary>
public sealed record WatchOptions
{
    /// <summary>Null or empty: all namespaces.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Changes after this version are sent. Null: all existing objects come first, as added.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Asks for versions to resume at, about once a minute. <value>true</value></summary>
    public bool AllowBookmarks { get; init; } = true;

    /// <summary>When the server shall end the watch, in seconds; null leaves it to the server.</summary>
    public int? TimeoutSeconds { get; init; }
}
