using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>A time in which scheduled renewals may start.</summary>
public sealed record WindowSpec
{
    /// <summary>When the window opens, as cron writes it: minute, hour, day of the month, month, day of the week. "0 2 * * 6" is Saturdays at two.</summary>
    [Required]
    [Length(9, 100)]
    public string Schedule { get; init; } = "";

    /// <summary>How long it stays open.</summary>
    [Required]
    [RangeMinimum(60)]
    [RangeMaximum(2678400)]
    public int DurationSeconds { get; init; }

    /// <summary>Name of the time zone whose clocks the schedule is about, such as Europe/Berlin. Default: UTC.</summary>
    [Length(1, 64)]
    [Pattern("^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$")]
    public string? TimeZone { get; init; }
}
