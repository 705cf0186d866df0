namespace CertOperator.Crds.Rules;

/// <summary>What a time on the wall means where clocks are changed.</summary>
internal static class LocalTimes
{
    /// <summary>The instants at which the clocks of a zone show a time, a whole minute: mostly one, two where they were set back; where they skip it, the instant of the skip.</summary>
    public static (DateTimeOffset First, DateTimeOffset? Second) InstantsOf(DateTime time, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(time))
        {
            var before = time;
            while (zone.IsInvalidTime(before))
            {
                before = before.AddMinutes(-1);
            }

            return (At(before, zone.GetUtcOffset(before)).AddMinutes(1), null);
        }

        if (!zone.IsAmbiguousTime(time))
        {
            return (At(time, zone.GetUtcOffset(time)), null);
        }

        var offsets = zone.GetAmbiguousTimeOffsets(time);
        return (At(time, offsets.Max()), At(time, offsets.Min()));
    }

    /// <summary>In UTC: some zones have had offsets that no <see cref="DateTimeOffset"/> can hold.</summary>
    private static DateTimeOffset At(DateTime time, TimeSpan offset) => new(DateTime.SpecifyKind(time - offset, DateTimeKind.Utc));
}
