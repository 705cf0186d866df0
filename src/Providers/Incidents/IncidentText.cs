using System.Globalization;
using CertOperator.Crds.Policies;

namespace CertOperator.Providers.Incidents;

/// <summary>Incidents in words.</summary>
internal static class IncidentText
{
    /// <summary>What a person wants to know, in that order.</summary>
    public static IEnumerable<(string Name, string Value)> Facts(IncidentNotice notice)
    {
        yield return ("Policy", $"{notice.Namespace}/{notice.Policy}");
        yield return ("Cluster", notice.Cluster);
        yield return ("Severity", notice.Severity.ToString());
        yield return ("Since", Time(notice.Since));
        if (notice.ResolvedAt is { } resolved)
        {
            yield return ("Resolved", Time(resolved));
        }

        if (notice.Message is { Length: > 0 } message)
        {
            yield return ("Why", message);
        }

        if (notice.CertificateExpires is { } expires)
        {
            yield return ("Certificate expires", Time(expires));
        }
        else if (notice.Change != IncidentChange.Resolved)
        {
            yield return ("Certificate", "none has been issued yet");
        }

        if (notice.NextAttempt is { } next)
        {
            yield return ("Tried again", Time(next));
        }

        yield return ("Run", notice.Run);
    }

    /// <summary>One line of at most so many characters, without control characters.</summary>
    public static string Line(string text, int max)
    {
        var cut = text.Length <= max ? text : string.Concat(text.AsSpan(0, max - 1), "…");
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
