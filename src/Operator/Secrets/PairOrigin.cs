namespace CertOperator.Operator.Secrets;

/// <summary>Where the pair in a Secret comes from.</summary>
/// <param name="Run">The run that stored it.</param>
/// <param name="TakenOverFrom">The Secret that a person provided it in; null where a CA issued it to the run.</param>
public sealed record PairOrigin(string Run, string? TakenOverFrom)
{
    /// <summary>The server that issued it, where that may be another than the policy's; null for the policy's.</summary>
    public string? Server { get; init; }
}
