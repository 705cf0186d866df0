using CertOperator.Crds.Runs;
using CertOperator.Operator.Challenges.Http01;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges;

/// <summary>Takes away what solvers have put in place for a run, by what the run's status says of it.</summary>
public sealed class ChallengeCleanUp(ChallengeSolvers solvers)
{
    /// <summary>Tries before a person is asked to do it.</summary>
    public const int MaxTries = 4;

    public static bool HasWork(RunOrder? order) => order?.Challenges?.Any(c => IsTakenAway(c.Presented)) == true;

    /// <summary>A record that a provider has named stays, since the provider renews by it.</summary>
    public static bool IsTakenAway(PresentedAnswer? answer) => answer is not null && answer.Kind != ProvidersRecords.Cname;

    public async Task<CleanUpResult> RemoveAsync(CertificateRenewalRun run, RunOrder? order, ChallengeWork work, CancellationToken cancellationToken)
    {
        var left = new List<RunChallenge>();
        var obstacles = new List<string>();
        var mayPass = true;
        foreach (var challenge in order?.Challenges ?? [])
        {
            if (challenge.Presented is not { } answer || !IsTakenAway(answer))
            {
                left.Add(challenge);
                continue;
            }

            try
            {
                await solvers.RemoveAsync(ChallengeOwner.Of(run), answer, work, cancellationToken);
                left.Add(challenge with { Presented = null });
            }
            catch (Exception e) when (e is IssuanceException or CredentialException)
            {
                work.ForgetSolvers();
                left.Add(challenge);
                obstacles.Add($"{Describe(answer)} could not be taken away by solver {answer.Solver}: {e.Message}");
                mayPass &= e is IssuanceException { Failure: IssuanceFailure.Transient };
            }
        }

        return new CleanUpResult(order is null ? null : order with { Challenges = left.Count == 0 ? null : left }, obstacles.Count == 0 ? null : string.Join(" ", obstacles), mayPass);
    }

    private static string Describe(PresentedAnswer answer)
        => answer switch
        {
            { Kind: AnswerKinds.ConfigMap } => $"Key {answer.Value} of ConfigMap {answer.Name}",
            { Kind: { } kind } => $"{kind} {answer.Name} with the Service and the EndpointSlices of that name",
            { Value: null } => answer.Name,
            _ => $"The TXT record {answer.Name} with the value \"{answer.Value}\"",
        };
}

/// <summary>What is left to be taken away.</summary>
/// <param name="Order">The order without what is gone.</param>
/// <param name="Obstacle">Sentences that name what is left and why; null when all is gone.</param>
/// <param name="MayPass">Whether another try may succeed.</param>
public sealed record CleanUpResult(RunOrder? Order, string? Obstacle, bool MayPass);
