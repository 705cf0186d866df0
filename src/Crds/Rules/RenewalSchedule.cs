using System.Globalization;

namespace CertOperator.Crds.Rules;

/// <summary>Plans renewals. Pure: the same inputs give the same time on every replica and after every restart.</summary>
public static class RenewalSchedule
{
    /// <summary>Jitter moves a time by no more than this, however long the certificate lives.</summary>
    public static readonly TimeSpan LongestJitter = TimeSpan.FromHours(24);

    /// <summary>
    /// The policy's own time (renewBefore, else percentage, else the last third), moved earlier by jitter; or a point of
    /// the CA's window when that is earlier. What cannot be followed is reported and replaced by the default, so that no
    /// certificate expires because of a wrong setting.
    /// </summary>
    public static RenewalDecision Compute(RenewalInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var problems = new List<string>();
        var lifetime = inputs.NotAfter - inputs.NotBefore;
        if (lifetime <= TimeSpan.Zero)
        {
            return new RenewalDecision(WholeSeconds(inputs.NotBefore), RenewalSource.LastThird, "the certificate ends before it begins; a new one is requested");
        }

        var (before, source) = TimeBeforeEnd(inputs, lifetime, problems);
        var time = WithJitter(inputs, lifetime, inputs.NotAfter - before);
        var ignored = inputs.AriWindow is { } given ? Defect(given, inputs, lifetime) : null;
        if (inputs.AriWindow is { } window && ignored is null)
        {
            var point = window.Start + TimeSpan.FromTicks(StableHash.Below((window.End - window.Start).Ticks + 1, Seed(inputs, "ari")));
            if (point < time)
            {
                (time, source) = (point < inputs.NotBefore ? inputs.NotBefore : point, RenewalSource.Ari);
            }
        }

        return new RenewalDecision(WholeSeconds(time), source, problems.Count == 0 ? null : string.Join("; ", problems)) { IgnoredAdvice = ignored };
    }

    private static (TimeSpan Before, RenewalSource Source) TimeBeforeEnd(RenewalInputs inputs, TimeSpan lifetime, List<string> problems)
    {
        if (inputs is { RenewBefore: not null, RenewBeforePercentage: not null })
        {
            problems.Add("spec.renewBefore and spec.renewBeforePercentage are both set; remove one (renewBefore is used)");
        }

        if (inputs.RenewBefore is { } renewBefore)
        {
            // Less than a hundredth of the lifetime left to use the certificate would renew again and again: CAs
            // backdate notBefore by an hour, so the time could lie before the issuance.
            if (renewBefore > TimeSpan.Zero && renewBefore <= Share(lifetime, 99))
            {
                return (renewBefore, RenewalSource.RenewBefore);
            }

            problems.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"spec.renewBefore {inputs.RenewBeforeText ?? KubernetesDuration.Format(renewBefore)} does not fit the certificate's lifetime of {KubernetesDuration.Format(lifetime)}; set it between 1s and {KubernetesDuration.Format(WholeSeconds(Share(lifetime, 99)))}, or remove it (until then the certificate is renewed when a third of its lifetime is left)"));
        }
        else if (inputs.RenewBeforePercentage is { } percentage)
        {
            if (percentage is >= 1 and <= 99)
            {
                return (Share(lifetime, percentage), RenewalSource.Percentage);
            }

            problems.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"spec.renewBeforePercentage {percentage} is not between 1 and 99; set it in that range, or remove it (until then the certificate is renewed when a third of its lifetime is left)"));
        }

        return (TimeSpan.FromTicks(lifetime.Ticks / 3), RenewalSource.LastThird);
    }

    /// <summary>Earlier by up to a hundredth of the lifetime: an hour and a half for six days, most of a day for ninety.</summary>
    private static DateTimeOffset WithJitter(RenewalInputs inputs, TimeSpan lifetime, DateTimeOffset planned)
    {
        // A tenth of the time in use bounds it too: an early renewal must not become one right after the issuance.
        var most = Math.Min(Math.Min(lifetime.Ticks / 100, LongestJitter.Ticks), (planned - inputs.NotBefore).Ticks / 10);
        return planned - TimeSpan.FromTicks(StableHash.Below(most + 1, Seed(inputs, "renew")));
    }

    private static string? Defect(AriWindow window, RenewalInputs inputs, TimeSpan lifetime)
    {
        var defect =
            window.End < window.Start ? "ends before it starts"
            : window.End - window.Start > lifetime ? "is longer than the certificate's lifetime"
            : window.Start < inputs.NotBefore && inputs.RenewedOnAdvice ? "starts before the certificate was valid, as that of its predecessor did,"
            : window.Start >= inputs.NotAfter ? "starts after the certificate ends"
            : null;
        return defect is null
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the CA's renewal window {window.Start.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} to {window.End.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} {defect} and is ignored");
    }

    // 128 bits: 99 times the ticks of a certificate that ends in the year 9999 does not fit in 64.
    private static TimeSpan Share(TimeSpan lifetime, int percent) => TimeSpan.FromTicks((long)((Int128)lifetime.Ticks * percent / 100));

    private static string Seed(RenewalInputs inputs, string purpose) =>
        string.Create(CultureInfo.InvariantCulture, $"{purpose}/{inputs.JitterSeed}/{inputs.NotAfter.UtcTicks}");

    // A status holds whole seconds: a fraction would make the time read back differ from the time computed again.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    private static TimeSpan WholeSeconds(TimeSpan span) => span.Ticks < TimeSpan.TicksPerSecond
        ? span
        : TimeSpan.FromTicks(span.Ticks - (span.Ticks % TimeSpan.TicksPerSecond));
}
