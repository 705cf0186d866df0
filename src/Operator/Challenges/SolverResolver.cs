using System.Net;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Challenges;

/// <summary>Finds the solver of each name of a policy and says what is wrong with the choice. Pure.</summary>
public static class SolverResolver
{
    private const string Settings = "CertificateRenewalSettings default";

    /// <param name="spec">The policy's spec.</param>
    /// <param name="challenge">How control is proven to the provider that is asked.</param>
    /// <param name="labels">The policy's labels.</param>
    /// <param name="names">Its names, normalised.</param>
    /// <param name="settings">Those of the namespace.</param>
    /// <param name="invalid">Takes what is wrong.</param>
    /// <returns>Solvers by name, wildcards without their asterisk. Names for http-01 without a solver, which the operator answers as it is reached, are not in it.</returns>
    public static IReadOnlyDictionary<string, SolverSpec> Resolve(
        PolicySpec spec,
        ChallengeKind challenge,
        IReadOnlyDictionary<string, string>? labels,
        IReadOnlyList<string> names,
        CertificateRenewalSettings? settings,
        Action<string> invalid)
    {
        if (challenge == ChallengeKind.None)
        {
            return new Dictionary<string, SolverSpec>();
        }

        var all = settings?.Spec.Solvers ?? [];
        var named = spec.Solver is null ? null : Named(spec.Solver, all, challenge, invalid);
        var found = new Dictionary<string, SolverSpec>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count && (spec.Solver is null || named is not null); i++)
        {
            var name = BaseName(names[i]);
            var field = i == 0 ? "spec.hostname" : $"spec.additionalNames[{i - 1}]";
            if (challenge == ChallengeKind.Dns01 && IPAddress.TryParse(name, out _))
            {
                invalid($"{field}: {name} is an IP address, which no CA validates by dns-01. Put it in a policy of its own with spec.challenge: http-01.");
            }
            else if ((named ?? SolverChoice.Find(all, challenge, name, labels)) is { } solver)
            {
                found[name] = solver;
            }
            else if (challenge == ChallengeKind.Dns01)
            {
                invalid(all.Any(s => SolverChoice.IsFor(s, challenge))
                    ? $"{field}: no dns-01 solver of {Settings} selects {names[i]}. Name one in spec.solver, add its zone to a selector, or add a solver without a selector."
                    : $"{(spec.Challenge == challenge ? "spec.challenge: dns-01" : "spec.provider: it asks for proof by DNS, which")} needs a solver, and {Settings} of this namespace has none for dns-01. Add one under spec.solvers there.");
                return found;
            }
        }

        foreach (var solver in found.Values.Distinct())
        {
            SolverRules.Check(solver, $"{Settings}: spec.solvers[{solver.Name}]", invalid);
        }

        return found;
    }

    /// <summary>The name that is proven: that of a wildcard is the one below which it lies.</summary>
    public static string BaseName(string name) => name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;

    private static SolverSpec? Named(string name, IReadOnlyList<SolverSpec> all, ChallengeKind challenge, Action<string> invalid)
    {
        var kind = challenge == ChallengeKind.Dns01 ? "dns-01" : "http-01";
        var solver = all.FirstOrDefault(s => s.Name == name);
        if (solver is null)
        {
            var known = all.Count == 0 ? "it has none" : $"it has {string.Join(", ", all.Select(s => s.Name))}";
            invalid($"spec.solver: {Settings} of this namespace has no solver \"{name}\"; {known}. Add it under spec.solvers there, or name another.");
            return null;
        }

        if (!SolverChoice.IsFor(solver, challenge))
        {
            invalid($"spec.solver: solver {name} is not for {kind}, which spec.challenge asks for. Change one of the two.");
            return null;
        }

        return solver;
    }
}
