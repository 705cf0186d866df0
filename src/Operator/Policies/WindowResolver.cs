using System.Text.RegularExpressions;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;

namespace CertOperator.Operator.Policies;

/// <summary>Turns spec.windows into windows that can be looked for. Pure but for the machine's time zones.</summary>
public static partial class WindowResolver
{
    /// <param name="windows">What the policy says.</param>
    /// <param name="invalid">Takes a sentence for each thing that is wrong.</param>
    public static IReadOnlyList<RenewalWindow> Resolve(IReadOnlyList<WindowSpec>? windows, Action<string> invalid)
    {
        var resolved = new List<RenewalWindow>();
        foreach (var (window, i) in (windows ?? []).Select((w, i) => (w, i)))
        {
            var zone = Zone(window.TimeZone);
            if (zone is null)
            {
                invalid($"spec.windows[{i}].timeZone: {InputExcerpt.Of(window.TimeZone!)} is no time zone that the operator knows. Write one such as Europe/Berlin, or leave it out for UTC.");
            }

            if (!CronSchedule.TryParse(window.Schedule, out var schedule, out var error))
            {
                invalid(Sentences.Of($"spec.windows[{i}].schedule: {error}"));
            }

            if (window.DurationSeconds < 60)
            {
                invalid($"spec.windows[{i}].durationSeconds: {window.DurationSeconds} is less than a minute. Write how long the window stays open, such as 14400.");
            }
            else if (zone is not null && schedule is not null)
            {
                resolved.Add(new RenewalWindow(schedule, TimeSpan.FromSeconds(window.DurationSeconds), zone));
            }
        }

        return resolved;
    }

    private static TimeZoneInfo? Zone(string? name)
        => name is null ? TimeZoneInfo.Utc
            // It becomes a part of a file name.
            : ZoneName().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone
            : null;

    [GeneratedRegex(@"\A[A-Za-z0-9_+-]{1,64}(/[A-Za-z0-9_+-]{1,64}){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ZoneName();
}
