using CertOperator.Crds.Runs;
using CertOperator.Operator.Pacing;

namespace CertOperator.Operator.Runs;

/// <summary>What to do next about a run: a closed set.</summary>
public abstract record RunDecision
{
    private RunDecision()
    {
    }

    /// <summary>The run is finished or is being deleted.</summary>
    public sealed record Nothing : RunDecision;

    /// <summary>The policy is gone: take back what the run made and delete it.</summary>
    public sealed record Abandon(string Message) : RunDecision;

    /// <summary>The run is over or is being deleted, and is kept only until what it made outside is gone.</summary>
    public sealed record Release : RunDecision;

    /// <summary>Nothing can be done before that time.</summary>
    public sealed record Wait(TimeSpan Delay) : RunDecision;

    /// <summary>Another run has to finish, or a place has to become free; whoever frees it calls again.</summary>
    public sealed record Queue(string Message) : RunDecision
    {
        /// <summary>Why it waits where it is not for a place or another run.</summary>
        public IssuanceWait? Pacing { get; init; }
    }

    /// <summary>From Queued to Running.</summary>
    public sealed record Begin : RunDecision;

    /// <summary>Do this step.</summary>
    public sealed record Execute(StepName Step) : RunDecision;

    /// <summary>A person asks to go on with a run that has ended, or with a pair of theirs in place of the one that it works for.</summary>
    public sealed record Reopen(RunRequest Request) : RunDecision;

    /// <summary>What was acted on is no longer asked for: it may be asked anew.</summary>
    public sealed record Withdraw : RunDecision;

    /// <summary>The run cannot go on at all.</summary>
    public sealed record Fail(string Reason, string Message) : RunDecision;
}
