namespace CertOperator.Crds.Rules;

/// <summary>A window that opens by a cron expression and stays open for a while.</summary>
/// <param name="Schedule">When it opens, by the clocks of <paramref name="Zone"/>.</param>
/// <param name="Duration">How long it stays open, in real time whatever clocks do.</param>
/// <param name="Zone">The clocks.</param>
public sealed record RenewalWindow(CronSchedule Schedule, TimeSpan Duration, TimeZoneInfo Zone)
{
    /// <summary>When the window that is open at a time has opened, else when the next one opens; null where none does within eight years.</summary>
    public DateTimeOffset? OpeningAt(DateTimeOffset time) => Schedule.NextAfter(time - Duration, Zone);
}
