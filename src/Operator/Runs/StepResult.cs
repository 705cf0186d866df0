using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Runs;

/// <summary>How one try of a step ended: a closed set.</summary>
public abstract record StepResult
{
    private StepResult()
    {
    }

    /// <summary>What the step learnt and a restart needs; null leaves it as it was.</summary>
    public RunOrder? Order { get; init; }

    public CertificateSummary? Certificate { get; init; }

    /// <summary>The signing request that a person is to have signed, in PEM.</summary>
    public string? Csr { get; init; }

    public RunDeployment? Deploy { get; init; }

    public IReadOnlyList<EndpointSnapshot>? Snapshot { get; init; }

    /// <summary>What a dry run checked.</summary>
    public IReadOnlyList<RunCheck>? Report { get; init; }

    /// <summary>What else the run's log is to tell; null where the result says it all.</summary>
    public string? Note { get; init; }

    /// <summary>What somebody has to look at although the step is complete; null where there is nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>True where what comes next has an effect outside that must not happen before this result is stored.</summary>
    public bool PersistFirst { get; init; }

    /// <summary>The step is complete.</summary>
    public sealed record Done(string Message) : StepResult;

    /// <summary>There is nothing to do in this run.</summary>
    public sealed record Skipped(string Message) : StepResult;

    /// <summary>The other side is not ready yet. A wait is no failed try.</summary>
    public sealed record Pending(TimeSpan RetryAfter, string Message) : StepResult;

    /// <summary>An error that trying again may mend. After too many, or too long a wait, the run fails.</summary>
    public sealed record Transient(string Reason, string Message, TimeSpan? RetryAfter) : StepResult;

    /// <summary>The run is over; a later run may succeed, not before <paramref name="RetryAfter"/>.</summary>
    public sealed record Failed(string Reason, string Message, TimeSpan? RetryAfter) : StepResult;

    /// <summary>The run is over; a person must mend something first.</summary>
    public sealed record NeedsManual(string Reason, string Message) : StepResult;

    /// <summary>An earlier step has to be done again, since the other side lost what it had made.</summary>
    public sealed record GoBack(StepName To, string Reason, string Message) : StepResult;
}
