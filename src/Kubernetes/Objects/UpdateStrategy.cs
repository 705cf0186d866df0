namespace CertOperator.Kubernetes;

/// <summary>How a StatefulSet or DaemonSet replaces its pods.</summary>
public sealed class UpdateStrategy
{
    public const string OnDelete = "OnDelete";

    /// <summary>"RollingUpdate" or "OnDelete".</summary>
    public string? Type { get; set; }

    public RollingUpdate? RollingUpdate { get; set; }
}

/// <summary>What of a rolling update's settings is read here.</summary>
public sealed class RollingUpdate
{
    /// <summary>For a StatefulSet: pods with a lower ordinal are left as they are.</summary>
    public int? Partition { get; set; }
}
