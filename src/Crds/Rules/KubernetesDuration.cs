using System.Buffers;
using System.Globalization;
using System.Text;

namespace CertOperator.Crds.Rules;

/// <summary>
/// Durations as Kubernetes users write them: <c>720h</c>, <c>1h30m</c>, <c>1.5h</c>, and <c>30d</c> for days of 24 hours.
/// </summary>
public static class KubernetesDuration
{
    /// <summary>The longest duration accepted: 100 years of 365 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    private const int MaxLength = 64;
    private const int MaxDigits = 15;
    private const string Examples = "write a duration such as 720h, 1h30m or 30d";
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration longer than zero and no longer than <see cref="Longest"/>.</summary>
    /// <param name="text">Numbers with a unit each: ns, us, ms, s, m, h or d.</param>
    /// <param name="duration">The duration; zero when false is returned.</param>
    /// <param name="error">A sentence without the field's name that says what to write; empty when true is returned.</param>
    public static bool TryParse(string? text, out TimeSpan duration, out string error)
    {
        duration = TimeSpan.Zero;
        error = "";
        if (string.IsNullOrWhiteSpace(text))
        {
            error = $"is empty; {Examples}";
            return false;
        }

        if (text.Length > MaxLength)
        {
            error = $"{InputExcerpt.Of(text)} is too long for a duration; {Examples}";
            return false;
        }

        if (text[0] == '-')
        {
            error = $"{InputExcerpt.Of(text)} is negative; {Examples}";
            return false;
        }

        if (!TrySum(text, out var ticks, out error))
        {
            return false;
        }

        if (ticks > Longest.Ticks)
        {
            error = $"{InputExcerpt.Of(text)} is longer than 100 years; write a shorter duration";
            return false;
        }

        if (ticks < 1)
        {
            error = $"{InputExcerpt.Of(text)} has no length; write a duration longer than zero, such as 720h";
            return false;
        }

        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>Writes a duration in the shortest form that reads back as the same value, without days: <c>720h</c>, <c>1h30m</c>, <c>1.5s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        // The absolute value is taken in 128 bits: that of TimeSpan.MinValue does not fit in 64.
        var ticks = Int128.Abs(duration.Ticks);
        var hours = (long)(ticks / TimeSpan.TicksPerHour);
        var minutes = (long)(ticks % TimeSpan.TicksPerHour / TimeSpan.TicksPerMinute);
        var seconds = (decimal)(long)(ticks % TimeSpan.TicksPerMinute) / TimeSpan.TicksPerSecond;
        var text = new StringBuilder(duration < TimeSpan.Zero ? "-" : "");
        if (hours > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        }

        if (minutes > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        }

        if (seconds > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{seconds:0.#######}s");
        }

        return text.ToString();
    }

    private static bool TrySum(string text, out decimal ticks, out string error)
    {
        ticks = 0;
        error = "";
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var numberLength = rest.IndexOfAnyExcept(NumberCharacters);
            var number = numberLength < 0 ? rest : rest[..numberLength];
            if (number.Length > MaxDigits)
            {
                error = $"{InputExcerpt.Of(text)} holds a number with too many digits; {Examples}";
                return false;
            }

            if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            {
                error = $"{InputExcerpt.Of(text)} is not a duration; {Examples}";
                return false;
            }

            rest = rest[number.Length..];
            var unitLength = rest.IndexOfAny(NumberCharacters);
            var unit = unitLength < 0 ? rest : rest[..unitLength];
            if (unit.IsEmpty)
            {
                error = $"{InputExcerpt.Of(text)} has a number without a unit; {Examples}";
                return false;
            }

            if (TicksPer(unit) is not { } ticksPerUnit)
            {
                error = $"{InputExcerpt.Of(text)} has the unknown unit {InputExcerpt.Of(unit.ToString())}; the units are d, h, m, s and ms";
                return false;
            }

            // At most 10^15 units of 8.64 * 10^11 ticks, a few times over: within a decimal.
            ticks += value * ticksPerUnit;
            rest = rest[unit.Length..];
        }

        return true;
    }

    private static decimal? TicksPer(ReadOnlySpan<char> unit) => unit switch
    {
        "d" => TimeSpan.TicksPerDay,
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "us" or "\u00b5s" or "\u03bcs" => TimeSpan.TicksPerMicrosecond,
        "ns" => 1m / TimeSpan.NanosecondsPerTick,
        _ => null,
    };
}
