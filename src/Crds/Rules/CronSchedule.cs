namespace CertOperator.Crds.Rules;

/// <summary>
/// A cron expression of five fields: minute, hour, day of the month, month, day of the week. Where both kinds of day are restricted, either
/// will do, as in every cron.
/// </summary>
public sealed class CronSchedule
{
    private const int MaxLength = 100;
    private const string Example = "write minute, hour, day of the month, month and day of the week, such as 0 2 * * 6";

    /// <summary>29 February comes every four years, and once in a while after eight.</summary>
    private const int HorizonDays = (8 * 366) + 1;

    private static readonly TimeSpan LargestChange = TimeSpan.FromHours(3);

    private readonly CronField _minute;
    private readonly CronField _hour;
    private readonly CronField _dayOfMonth;
    private readonly CronField _month;
    private readonly CronField _dayOfWeek;

    private CronSchedule(IReadOnlyList<CronField> fields)
        => (_minute, _hour, _dayOfMonth, _month, _dayOfWeek) = (fields[0], fields[1], fields[2], fields[3], fields[4]);

    /// <summary>Reads an expression.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="schedule">The schedule; null when false is returned.</param>
    /// <param name="error">A sentence without the field's name that says what to write; empty when true is returned.</param>
    public static bool TryParse(string? text, out CronSchedule? schedule, out string error)
    {
        schedule = null;
        error = "";
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxLength)
        {
            error = $"is empty or longer than {MaxLength} characters; {Example}";
            return false;
        }

        var parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 5)
        {
            error = $"{InputExcerpt.Of(text)} has {parts.Length} fields where cron has five; {Example}";
            return false;
        }

        var fields = new List<CronField>();
        foreach (var kind in Enum.GetValues<CronFieldKind>())
        {
            if (CronField.Parse(parts[(int)kind], kind) is not { } field)
            {
                error = $"{InputExcerpt.Of(parts[(int)kind])} in {InputExcerpt.Of(text)} is no {Name(kind)}; {Example}";
                return false;
            }

            fields.Add(field);
        }

        schedule = new CronSchedule(fields);
        return true;
    }

    /// <summary>
    /// The first time after the given one. A time that the zone's clocks skip is taken to be when they have skipped it; one that they
    /// show twice counts once, unless the expression names every hour or every minute.
    /// </summary>
    /// <returns>Null where there is none, such as on 30 February.</returns>
    public DateTimeOffset? NextAfter(DateTimeOffset after, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        // The clocks may have been changed shortly before; by no more than this, anywhere.
        var from = TimeZoneInfo.ConvertTime(after - LargestChange, zone).DateTime;
        DateTimeOffset? best = null;
        foreach (var time in TimesFrom(from))
        {
            var instants = LocalTimes.InstantsOf(time, zone);
            if (best is not null && instants.First >= best)
            {
                return best;
            }

            if (instants.First > after)
            {
                best = instants.First;
            }
            else if (instants.Second > after && (_hour.IsAny || _minute.IsAny) && !(best <= instants.Second))
            {
                best = instants.Second;
            }
        }

        return best;
    }

    private IEnumerable<DateTime> TimesFrom(DateTime from)
    {
        var date = from.Date;
        for (var i = 0; i < HorizonDays && date < DateTime.MaxValue.Date.AddDays(-2); i++, date = date.AddDays(1))
        {
            if (!IsOn(date))
            {
                continue;
            }

            for (var hour = 0; hour < 24; hour++)
            {
                for (var minute = 0; _hour.Has(hour) && minute < 60; minute++)
                {
                    if (_minute.Has(minute) && date.AddMinutes((hour * 60) + minute) is var time && time >= from)
                    {
                        yield return time;
                    }
                }
            }
        }
    }

    private bool IsOn(DateTime date)
    {
        var (byMonth, byWeek) = (_dayOfMonth.Has(date.Day), _dayOfWeek.Has((int)date.DayOfWeek));
        return _month.Has(date.Month) && (_dayOfMonth.IsAny || _dayOfWeek.IsAny ? byMonth && byWeek : byMonth || byWeek);
    }

    private static string Name(CronFieldKind kind) => kind switch
    {
        CronFieldKind.Minute => "minute (0 to 59)",
        CronFieldKind.Hour => "hour (0 to 23)",
        CronFieldKind.DayOfMonth => "day of the month (1 to 31)",
        CronFieldKind.Month => "month (1 to 12 or jan to dec)",
        _ => "day of the week (0 to 7 or sun to sat)",
    };
}
