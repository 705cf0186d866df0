using CertOperator.Crds.Batches;

namespace CertOperator.Operator.Batches;

/// <summary>What to do next about a batch: a closed set.</summary>
public abstract record BatchDecision
{
    private BatchDecision()
    {
    }

    /// <summary>It has ended.</summary>
    public sealed record Nothing : BatchDecision;

    /// <summary>Nothing starts until somebody changes something.</summary>
    public sealed record Stall(string Reason, string Message) : BatchDecision;

    /// <summary>Find out which policies it is about and what becomes of each.</summary>
    public sealed record Plan : BatchDecision;

    /// <summary>Take back runs that have been made and have not begun.</summary>
    public sealed record Withdraw : BatchDecision;

    /// <summary>Start no run now.</summary>
    /// <param name="Phase">Where the batch stands.</param>
    /// <param name="Until">When to look again; null where a run that ends or a change of the spec tells.</param>
    /// <param name="Reason">Why, in a word.</param>
    /// <param name="Message">Why, in a sentence.</param>
    public sealed record Hold(BatchPhase Phase, DateTimeOffset? Until, string Reason, string Message) : BatchDecision;

    /// <summary>Up to that many runs may be made now.</summary>
    public sealed record Start(int Places) : BatchDecision;

    /// <summary>It ends.</summary>
    public sealed record Finish(BatchPhase Phase, string Reason, string Message) : BatchDecision;
}
