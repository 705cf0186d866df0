using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Challenges;

/// <summary>Which solver answers the challenge for a name. Pure.</summary>
public static class SolverChoice
{
    /// <summary>The solver with the most specific zone, else one whose labels match, else the first without a selector; null where none fits.</summary>
    /// <param name="solvers">Those of the namespace's settings, in their order.</param>
    /// <param name="challenge">The kind of challenge that the solver has to be for.</param>
    /// <param name="name">The name, without a wildcard's asterisk.</param>
    /// <param name="labels">Labels of the policy.</param>
    public static SolverSpec? Find(IReadOnlyList<SolverSpec> solvers, ChallengeKind challenge, string name, IReadOnlyDictionary<string, string>? labels)
        => solvers
            .Where(s => IsFor(s, challenge) && LabelsMatch(s.Selector, labels))
            .Select(s => (Solver: s, Rank: Rank(s.Selector, name)))
            .Where(s => s.Rank is not null)
            .OrderByDescending(s => s.Rank) // stable: of equals the first
            .FirstOrDefault().Solver;

    public static bool IsFor(SolverSpec solver, ChallengeKind challenge)
        => challenge switch
        {
            ChallengeKind.Http01 => solver.Http01 is not null,
            ChallengeKind.Dns01 => solver.Dns01 is not null,
            _ => false,
        };

    /// <summary>A zone's labels and one, so that any zone beats labels; 1 for labels alone, 0 for no selector, null for a zone that does not hold the name.</summary>
    private static int? Rank(SolverSelector? selector, string name)
    {
        if (selector?.DnsZones is not { Count: > 0 } zones)
        {
            return selector?.MatchLabels is { Count: > 0 } ? 1 : 0;
        }

        var fitting = zones.Where(z => IsWithin(name, z)).ToList();
        return fitting.Count == 0 ? null : fitting.Max(z => z.TrimEnd('.').Split('.').Length) + 1;
    }

    private static bool LabelsMatch(SolverSelector? selector, IReadOnlyDictionary<string, string>? labels)
        => selector?.MatchLabels is not { } wanted || wanted.All(w => labels?.GetValueOrDefault(w.Key) == w.Value);

    private static bool IsWithin(string name, string zone)
    {
        zone = zone.TrimEnd('.');
        return name.Equals(zone, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + zone, StringComparison.OrdinalIgnoreCase);
    }
}
