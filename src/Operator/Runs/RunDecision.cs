using CertOperator.Crds.Runs;

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

    /// <summary>Nothing can be done before that time.</summary>
    public sealed record Wait(TimeSpan Delay) : RunDecision;

    /// <summary>Another run has to finish, or a place has to become free; whoever frees it calls again.</summary>
    public sealed record Queue(string Message) : RunDecision;

    /// <summary>From Queued to Running.</summary>
    public sealed record Begin : RunDecision;

    /// <summary>Do this step.</summary>
    public sealed record Execute(StepName Step) : RunDecision;

    /// <summary>The run cannot go on at all.</summary>
    public sealed record Fail(string Reason, string Message) : RunDecision;
}
