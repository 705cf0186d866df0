namespace CertOperator.Kubernetes;

/// <summary>The settings of a <see cref="Controller"/>.</summary>
public sealed record ControllerOptions
{
    /// <summary>In logs and metrics.</summary>
    public required string Name { get; init; }

    /// <summary>How many keys are worked on at a time.</summary>
    /// <value>Default: 1.</value>
    public int Workers { get; init; } = 1;

    /// <summary>How long running reconciles may go on after the controller was asked to stop; then they are cancelled.</summary>
    /// <value>Default: 15 s.</value>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(15);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(DrainTimeout.Ticks);
    }
}
