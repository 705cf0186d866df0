using System.Globalization;

namespace CertOperator.Crds.Rules;

/// <summary>Moves a planned renewal into a window, and never beyond what the certificate can wait for. Pure.</summary>
public static class RenewalWindows
{
    /// <summary>Renewals that waited for one window are spread over half of it, and over no more than this.</summary>
    private static readonly TimeSpan LongestJitter = TimeSpan.FromHours(1);

    /// <summary>No renewal waits for a window that leaves less time than this, in which it may fail and be mended.</summary>
    private static readonly TimeSpan LongestMargin = TimeSpan.FromDays(3);

    /// <param name="planned">When the certificate is due by itself.</param>
    /// <param name="windows">The policy's windows; none means always.</param>
    /// <param name="inputs">What the plan rests on.</param>
    /// <param name="now">The time.</param>
    /// <returns>The decision with a time in the window that is open or opens next, which does not move while that window is open.</returns>
    public static RenewalDecision Apply(RenewalDecision planned, IReadOnlyList<RenewalWindow> windows, RenewalInputs inputs, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(planned);
        ArgumentNullException.ThrowIfNull(windows);
        ArgumentNullException.ThrowIfNull(inputs);
        if (windows.Count == 0)
        {
            return planned;
        }

        var decision = Choose(planned, windows, inputs, planned.RenewalTime > now ? planned.RenewalTime : now);

        // How late a renewal is must not begin anew with each window that was missed.
        var first = Choose(planned, windows, inputs, planned.RenewalTime).RenewalTime;
        return first == decision.RenewalTime ? decision : decision with { FirstDue = first };
    }

    private static RenewalDecision Choose(RenewalDecision planned, IReadOnlyList<RenewalWindow> windows, RenewalInputs inputs, DateTimeOffset wanted)
    {
        var openings = windows.Select(w => w.OpeningAt(wanted) is { } opens ? opens + Jitter(w, inputs) : (DateTimeOffset?)null).ToList();
        var never = openings.Select((o, i) => o is null ? string.Create(CultureInfo.InvariantCulture, $"spec.windows[{i}].schedule names no time within eight years; correct it (until then certificates are renewed as if that window were not there)") : null);
        planned = planned with { Problem = string.Join("; ", never.Prepend(planned.Problem).OfType<string>()) is { Length: > 0 } problem ? problem : null };
        if (openings.Min() is not { } start)
        {
            return planned with { Window = WindowUse.None };
        }

        return start > inputs.NotAfter - Margin(inputs) ? planned with { Window = WindowUse.TooLate }
            : start > planned.RenewalTime ? planned with { RenewalTime = start, Window = WindowUse.Within }
            : planned with { Window = WindowUse.Within };
    }

    /// <summary>A tenth of the lifetime: fourteen hours for six days, three days for ninety.</summary>
    private static TimeSpan Margin(RenewalInputs inputs) => Least((inputs.NotAfter - inputs.NotBefore) / 10, LongestMargin);

    /// <summary>Whole seconds, as a status holds them.</summary>
    private static TimeSpan Jitter(RenewalWindow window, RenewalInputs inputs)
        => TimeSpan.FromSeconds(StableHash.Below((long)Least(window.Duration / 2, LongestJitter).TotalSeconds, $"window/{inputs.JitterSeed}"));

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
