namespace CertOperator.Operator.Deployments;

/// <summary>How far a workload's rollout is: a closed set. The messages go on after the workload's name.</summary>
public abstract record Rollout
{
    private Rollout()
    {
    }

    /// <summary>Every pod that is to be replaced has been, and the new ones are up.</summary>
    public sealed record Complete(string Message) : Rollout;

    /// <summary>The controller is at work.</summary>
    public sealed record InProgress(string Message) : Rollout;

    /// <summary>It will not come to an end by itself.</summary>
    public sealed record Stuck(string Reason, string Message) : Rollout;
}
