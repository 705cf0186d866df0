namespace CertOperator.Kubernetes;

/// <summary>The settings of an <see cref="EventRecorder"/>.</summary>
public sealed record EventRecorderOptions
{
    /// <summary>Names the program, as a qualified name such as "certoperator.io/cert-operator".</summary>
    public required string ReportingController { get; init; }

    /// <summary>Names the process, such as the pod's name; cut at 128 characters.</summary>
    public required string ReportingInstance { get; init; }

    /// <summary>A repetition within this time after the last one makes a series of both.</summary>
    /// <value>Default: 6 min.</value>
    public TimeSpan SeriesWindow { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>The count of a series is written at most this often.</summary>
    /// <value>Default: 30 s.</value>
    public TimeSpan SeriesInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Events that may wait to be written; further ones are dropped.</summary>
    /// <value>Default: 10,000.</value>
    public int Capacity { get; init; } = 10_000;

    /// <summary>Events that are written at the same time: while the API server is busy, one after the other is too slow for a fleet that is due at once.</summary>
    /// <value>Default: 4.</value>
    public int Parallel { get; init; } = 4;

    /// <summary>How long the recorder writes on after it was asked to stop.</summary>
    /// <value>Default: 5 s.</value>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(ReportingController);
        ArgumentException.ThrowIfNullOrEmpty(ReportingInstance);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SeriesWindow, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SeriesInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallel, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
    }
}
