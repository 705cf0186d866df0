namespace CertOperator.Kubernetes;

/// <summary>How urgent a key in a <see cref="WorkQueue{TKey}"/> is.</summary>
public enum WorkPriority
{
    /// <summary>A live change: goes before everything of <see cref="Low"/>.</summary>
    Normal,

    /// <summary>The first list and resyncs: thousands of keys that must not delay a live change.</summary>
    Low,
}
