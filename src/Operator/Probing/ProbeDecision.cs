namespace CertOperator.Operator.Probing;

/// <summary>What to do next about the endpoints of a policy: a closed set.</summary>
public abstract record ProbeDecision
{
    private ProbeDecision()
    {
    }

    /// <summary>There is nothing to compare with; a change of the policy brings it back.</summary>
    public sealed record Nothing : ProbeDecision;

    /// <summary>Not before this time has passed.</summary>
    public sealed record Wait(TimeSpan Delay) : ProbeDecision;

    /// <summary>Ask now.</summary>
    /// <param name="Request">The annotation's value that asks for it; null where it is time.</param>
    public sealed record Ask(string? Request) : ProbeDecision;
}
