using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Runs;

/// <summary>Says in a sentence or two what a dry run found. Pure.</summary>
public static class RunReport
{
    private const int MaxShown = 3;

    public static string Summary(IReadOnlyList<RunCheck> report)
    {
        var failed = report.Where(c => c.Result == CheckResult.Failed).ToList();
        var warned = report.Where(c => c.Result == CheckResult.Warning).ToList();
        if (failed.Count == 0)
        {
            var but = warned.Count == 0 ? "" : $" Not as it should be: {Sentences(warned)}";
            return $"{report.Count} checks were made and none failed; nothing was issued or changed.{but}";
        }

        return $"{failed.Count} of {report.Count} checks failed: {Sentences(failed)}";
    }

    /// <summary>What was checked, of what, and what was seen.</summary>
    public static string Sentence(RunCheck check) => $"{check.Check}{(check.Subject is null ? "" : $" {check.Subject}")}: {check.Evidence}";

    /// <summary>A check that is made again, since a step was, counts as it ended last.</summary>
    public static IReadOnlyList<RunCheck> Add(IReadOnlyList<RunCheck> report, IReadOnlyList<RunCheck> made)
        => [.. report.Where(r => !made.Any(m => (m.Step, m.Check, m.Subject) == (r.Step, r.Check, r.Subject))), .. made];

    private static string Sentences(List<RunCheck> checks)
        => string.Join(" ", checks.Take(MaxShown).Select(Sentence))
            + (checks.Count > MaxShown ? $" And {checks.Count - MaxShown} more; see status.report." : "");
}
