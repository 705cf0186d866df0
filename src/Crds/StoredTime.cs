namespace CertOperator.Crds;

/// <summary>Times as a status keeps them, with milliseconds.</summary>
public static class StoredTime
{
    /// <summary>Rounded up: what must not happen before a time must not happen before the time that is stored for it either.</summary>
    public static DateTimeOffset NotBefore(DateTimeOffset time)
        => time.Ticks % TimeSpan.TicksPerMillisecond is > 0 and var rest ? time.AddTicks(TimeSpan.TicksPerMillisecond - rest) : time;
}
