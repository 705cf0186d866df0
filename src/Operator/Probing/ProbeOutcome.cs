using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Probing;

/// <summary>What came of a look at the endpoints of a policy that no run has made. Kept in memory; the policy reconciler takes it into the status.</summary>
public sealed record ProbeOutcome
{
    public required string PolicyUid { get; init; }

    /// <summary>The generation of the policy that named the endpoints.</summary>
    public required long? Generation { get; init; }

    /// <summary>When the last of them had answered.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whether all served the certificate that they should.</summary>
    public required bool Matches { get; init; }

    /// <summary>False for the first sign of trouble: a server that was just restarting is asked once more before anybody is told.</summary>
    public required bool IsCertain { get; init; }

    /// <summary>Value of the annotation that asked for it; null where nobody did.</summary>
    public required string? Request { get; init; }

    /// <summary>What each served; null where the status says the same already, so that thousands of policies do not keep it twice.</summary>
    public required IReadOnlyList<EndpointSnapshot>? Snapshot { get; init; }
}
