using System.Globalization;

namespace CertOperator.Acme;

/// <summary>Retry-After (RFC 9110 section 10.2.3): seconds or an HTTP date.</summary>
internal static class RetryAfterHeader
{
    // IMF-fixdate, and the two obsolete forms that a recipient must still accept (RFC 9110 section 5.6.7).
    private static readonly string[] DateFormats =
        ["ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy", "ddd MMM  d HH:mm:ss yyyy"];

    /// <summary>The wait from now; null for nothing, nonsense, a negative number or a date in the past; never above <paramref name="max"/>.</summary>
    public static TimeSpan? Parse(string? value, DateTimeOffset now, TimeSpan max)
    {
        var text = value.AsSpan().Trim();
        if (text.IsEmpty)
        {
            return null;
        }

        if (!text.ContainsAnyExceptInRange('0', '9'))
        {
            // More digits than a long holds is still a number, only an absurd one.
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < max.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : max;
        }

        if (!DateTimeOffset.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) || date < now)
        {
            return null;
        }

        var wait = date - now;
        return wait < max ? wait : max;
    }
}
