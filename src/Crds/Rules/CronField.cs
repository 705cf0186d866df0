using System.Globalization;

namespace CertOperator.Crds.Rules;

/// <summary>One field of a cron expression: the values that it names, as bits.</summary>
/// <param name="Values">Bit n is set where the field names n.</param>
/// <param name="IsAny">Whether it begins with an asterisk: then it restricts nothing by itself.</param>
internal readonly record struct CronField(ulong Values, bool IsAny)
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public bool Has(int value) => (Values & (1UL << value)) != 0;

    /// <summary>Reads lists, ranges and steps, such as <c>1,15-20,*/5</c>; names for months and days of the week.</summary>
    /// <returns>Null where the text is none of these.</returns>
    public static CronField? Parse(string text, CronFieldKind kind)
    {
        var (least, most) = Bounds(kind);
        ulong values = 0;
        foreach (var part in text.Split(','))
        {
            if (Part(part, kind, least, most) is not { } some)
            {
                return null;
            }

            values |= some;
        }

        // Sunday has two numbers.
        values = kind == CronFieldKind.DayOfWeek && (values & (1UL << 7)) != 0 ? (values & ~(1UL << 7)) | 1 : values;
        return new CronField(values, text[0] == '*');
    }

    private static ulong? Part(string part, CronFieldKind kind, int least, int most)
    {
        var slash = part.IndexOf('/');
        var range = slash < 0 ? part : part[..slash];
        var step = 1;
        if (slash >= 0 && (!TryNumber(part[(slash + 1)..], out step) || step < 1 || step > most))
        {
            return null;
        }

        int from, to;
        if (range == "*")
        {
            (from, to) = (least, kind == CronFieldKind.DayOfWeek ? 6 : most);
        }
        else
        {
            var hyphen = range.IndexOf('-');
            if (!TryValue(hyphen < 0 ? range : range[..hyphen], kind, out from) || from < least || from > most)
            {
                return null;
            }

            to = hyphen < 0 ? (slash < 0 ? from : most) : 0;
            if (hyphen >= 0 && (!TryValue(range[(hyphen + 1)..], kind, out to) || to < from || to > most))
            {
                return null;
            }
        }

        ulong values = 0;
        for (var value = from; value <= to; value += step)
        {
            values |= 1UL << value;
        }

        return values;
    }

    private static bool TryValue(string text, CronFieldKind kind, out int value)
    {
        var names = kind switch { CronFieldKind.Month => Months, CronFieldKind.DayOfWeek => Days, _ => [] };
        value = Array.FindIndex(names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        value = value >= 0 && kind == CronFieldKind.Month ? value + 1 : value;
        return value >= 0 || TryNumber(text, out value);
    }

    private static bool TryNumber(string text, out int value)
    {
        value = 0;
        return text.Length <= 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static (int Least, int Most) Bounds(CronFieldKind kind) => kind switch
    {
        CronFieldKind.Minute => (0, 59),
        CronFieldKind.Hour => (0, 23),
        CronFieldKind.DayOfMonth => (1, 31),
        CronFieldKind.Month => (1, 12),
        _ => (0, 7),
    };
}

/// <summary>The fields of a cron expression, in their order.</summary>
internal enum CronFieldKind
{
    Minute,
    Hour,
    DayOfMonth,
    Month,
    DayOfWeek,
}
