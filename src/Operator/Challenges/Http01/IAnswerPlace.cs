using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>Something by which requests for a challenge get their answer.</summary>
public interface IAnswerPlace
{
    /// <summary>What <see cref="PutAsync"/> will make, without the solver's name; null where nothing is made.</summary>
    PresentedAnswer? Locate(RunChallenge challenge);

    /// <summary>Makes it, or puts it right.</summary>
    /// <exception cref="IssuanceException">The API server refuses it.</exception>
    Task PutAsync(RunChallenge challenge, CancellationToken cancellationToken);

    /// <summary>While the answer is not seen yet: follows what has changed meanwhile, and finds out what it can about the reason.</summary>
    /// <returns>Sentences for people; null where there is nothing to say.</returns>
    /// <exception cref="IssuanceException">The API server refuses it.</exception>
    Task<string?> TendAsync(RunChallenge challenge, CancellationToken cancellationToken);
}
