using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Challenges;

/// <summary>
/// Puts the answer to a challenge where the CA finds it, and takes it away. No call waits for others, and each may be repeated,
/// also by another process: what a call needs to know is in its arguments.
/// </summary>
public interface IChallengeSolver
{
    /// <summary>How long an answer may take to be visible.</summary>
    TimeSpan Patience { get; }

    /// <summary>Says what will be put where. Changes nothing: the result is stored before <see cref="PresentAsync"/>, so that it can be taken away after a crash.</summary>
    /// <returns>Null where nothing needs to be put anywhere.</returns>
    /// <exception cref="IssuanceException">It cannot be found out.</exception>
    Task<PresentedAnswer?> LocateAsync(RunChallenge challenge, CancellationToken cancellationToken);

    /// <summary>Puts the answer there.</summary>
    /// <returns>What <see cref="FindObstacleAsync"/> needs of it, in the same process; null where it needs nothing.</returns>
    /// <exception cref="IssuanceException">It was refused, or the place cannot be reached.</exception>
    Task<string?> PresentAsync(RunChallenge challenge, CancellationToken cancellationToken);

    /// <summary>Looks whether the CA would find the answer.</summary>
    /// <returns>Null when it would; else what is in the way.</returns>
    /// <exception cref="IssuanceException">It cannot be found out.</exception>
    Task<ChallengeObstacle?> FindObstacleAsync(RunChallenge challenge, string? receipt, CancellationToken cancellationToken);

    /// <summary>Takes the answer away. What is gone already is fine.</summary>
    /// <exception cref="IssuanceException">It was refused, or the place cannot be reached.</exception>
    Task RemoveAsync(PresentedAnswer answer, CancellationToken cancellationToken);
}
