using CertOperator.Crds.Runs;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Http01;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>Solves http-01 (RFC 8555, section 8.3), whichever way requests get to the answer.</summary>
public sealed class Http01Solver(IAnswerPlace place, AnswerRemoval removal, Http01SelfCheck selfCheck, ChallengeOwner owner, Http01Options options) : IChallengeSolver
{
    public TimeSpan Patience => options.Patience;

    public static string PathOf(RunChallenge challenge) => ChallengeAddress.Path + challenge.Token;

    public Task<PresentedAnswer?> LocateAsync(RunChallenge challenge, CancellationToken cancellationToken)
        => Task.FromResult(place.Locate(challenge) is { } answer ? answer with { Solver = options.Name } : null);

    public async Task<string?> PresentAsync(RunChallenge challenge, CancellationToken cancellationToken)
    {
        await place.PutAsync(challenge, cancellationToken);
        return null;
    }

    public async Task<ChallengeObstacle?> FindObstacleAsync(RunChallenge challenge, string? receipt, CancellationToken cancellationToken)
    {
        if (options.Patience == TimeSpan.Zero
            || await selfCheck.FindObstacleAsync(challenge.Hostname, challenge.Token, challenge.KeyAuthorization, cancellationToken) is not { } obstacle)
        {
            return null;
        }

        return await place.TendAsync(challenge, cancellationToken) is { } why ? obstacle with { Message = $"{obstacle.Message} {why}" } : obstacle;
    }

    public Task RemoveAsync(PresentedAnswer answer, CancellationToken cancellationToken) => removal.RemoveAsync(owner, answer, cancellationToken);
}

/// <summary>How a solver of http-01 works, beyond where the answer is.</summary>
/// <param name="Name">The solver's name in Settings.</param>
/// <param name="Patience">How long the answer may take to be seen; zero for no look at all.</param>
public sealed record Http01Options(string Name, TimeSpan Patience);
