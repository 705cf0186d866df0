using CertOperator.Providers.Challenges;

namespace CertOperator.Operator.Challenges;

/// <summary>What this process knows of the answers of a run. Lost with the process: they are presented again, which changes nothing.</summary>
public sealed class ChallengeWork
{
    private readonly Dictionary<string, (string? Version, IChallengeSolver Solver)> _solvers = [];

    /// <summary>What solvers gave back for the answers that were presented, by challenge URL.</summary>
    public Dictionary<string, string?> Receipts { get; } = [];

    /// <summary>True once it is stored what goes where; some answers go nowhere, since they are found already.</summary>
    public bool Located { get; set; }

    /// <summary>True once the CA may be asked.</summary>
    public bool Visible { get; set; }

    /// <summary>When the last answer was presented.</summary>
    public DateTimeOffset? PresentedAt { get; set; }

    /// <summary>Looks at the answers so far; the wait grows with it.</summary>
    public int Polls { get; set; }

    /// <summary>Tries to take the answers away after the run had failed.</summary>
    public int RemovalTries { get; set; }

    /// <summary>The solver as it was made for a version of the settings.</summary>
    public IChallengeSolver? Solver(string name, string? settingsVersion)
        => _solvers.TryGetValue(name, out var known) && known.Version == settingsVersion ? known.Solver : null;

    public void Keep(string name, string? settingsVersion, IChallengeSolver solver) => _solvers[name] = (settingsVersion, solver);

    /// <summary>After a refusal: credentials may be changed before the next try.</summary>
    public void ForgetSolvers() => _solvers.Clear();
}
