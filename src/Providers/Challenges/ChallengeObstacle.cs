namespace CertOperator.Providers.Challenges;

/// <summary>Why the CA would not find an answer, as far as the operator can see.</summary>
/// <param name="Reason">One of <see cref="ChallengeReasons"/>.</param>
/// <param name="Message">Sentences that stay the same as long as the obstacle does.</param>
public sealed record ChallengeObstacle(string Reason, string Message)
{
    /// <summary>True where the operator cannot look from where it is. The CA, which is elsewhere, may find the answer all the same.</summary>
    public bool Unseen { get; init; }
}
