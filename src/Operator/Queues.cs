using CertOperator.Kubernetes;

namespace CertOperator.Operator;

/// <summary>One work queue per controller.</summary>
public sealed class Queues(TimeProvider time, Random random)
{
    /// <summary>A key that fails again and again is tried every five minutes: the cause is then one that a person removes, and should not wait long after.</summary>
    private static readonly WorkQueueOptions Options = new() { BaseDelay = TimeSpan.FromMilliseconds(50), MaxDelay = TimeSpan.FromMinutes(5) };

    public WorkQueue<NamespacedName> Policies { get; } = new(Options, time, random);

    public WorkQueue<NamespacedName> Runs { get; } = new(Options, time, random);

    /// <summary>Policies whose incident may have changed.</summary>
    public WorkQueue<NamespacedName> Incidents { get; } = new(Options, time, random);

    /// <summary>Policies whose endpoints may have to be asked.</summary>
    public WorkQueue<NamespacedName> Probes { get; } = new(Options, time, random);

    /// <summary>Secrets of CAs that the operator looks after.</summary>
    public WorkQueue<NamespacedName> PrivateRoots { get; } = new(Options, time, random);

    /// <summary>Namespaces whose PrometheusRule may have to be another one.</summary>
    public WorkQueue<NamespacedName> Rules { get; } = new(Options, time, random);

    /// <summary>Batches whose plan, runs or spec may have changed.</summary>
    public WorkQueue<NamespacedName> Batches { get; } = new(Options, time, random);
}
