namespace CertOperator.Kubernetes;

/// <summary>The settings of a <see cref="LeaderElector"/>. All candidates for one Lease should have the same.</summary>
public sealed record LeaderElectionOptions
{
    public required string LeaseName { get; init; }

    public required string Namespace { get; init; }

    /// <summary>Names this process among the candidates. No two processes may ever share one, not even one after the other.</summary>
    public required string Identity { get; init; }

    /// <summary>How long the others wait after the last renewal that they saw before they take the Lease. Whole seconds.</summary>
    /// <value>Default: 15 s.</value>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long after its last renewal a leader goes on. What remains to <see cref="LeaseDuration"/> is the time that
    /// its work has to end.
    /// </summary>
    /// <value>Default: 10 s.</value>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between two renewals, and between two looks of a candidate.</summary>
    /// <value>Default: 2 s.</value>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    internal NamespacedName Key => new(Namespace, LeaseName);

    /// <summary>For one attempt; short enough that after one that hangs there is time for another.</summary>
    internal TimeSpan AttemptTimeout => RenewDeadline / 2;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(LeaseName);
        ArgumentException.ThrowIfNullOrEmpty(Namespace);
        ArgumentException.ThrowIfNullOrEmpty(Identity);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RetryPeriod, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RenewDeadline, RetryPeriod * 2);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LeaseDuration, RenewDeadline);
        ArgumentOutOfRangeException.ThrowIfNotEqual(LeaseDuration.Ticks % TimeSpan.TicksPerSecond, 0);
    }
}
