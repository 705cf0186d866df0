using CertOperator.Crds.Policies;
using CertOperator.Operator.Probing;

namespace CertOperator.Operator.Policies;

/// <summary>What this process remembers of a policy between looks; lost with the process, which then looks again.</summary>
public sealed class PolicyMemory
{
    private volatile ProbeOutcome? _probe;

    /// <summary>Another policy may come to bear the same name.</summary>
    public required string PolicyUid { get; init; }

    /// <summary>When the Secret is read again.</summary>
    public DateTimeOffset SecretCheckDue { get; set; }

    /// <summary>When the CA may be asked again after it could not say when to renew.</summary>
    public DateTimeOffset RenewalInfoDue { get; set; }

    /// <summary>The certificate that <see cref="RenewalInfoDue"/> is about.</summary>
    public string? RenewalInfoFor { get; set; }

    /// <summary>What the CA said last about when to renew; a write of the status may fail, and the CA is not asked twice.</summary>
    public RenewalInfoStatus? RenewalInfo { get; set; }

    /// <summary>Since when a run is wanted and no place is free.</summary>
    public DateTimeOffset? WaitingSince { get; set; }

    /// <summary>What was said of a pair that waits to be taken over, so that it is said once.</summary>
    public string? Told { get; set; }

    /// <summary>Before this time the endpoints are asked on request only.</summary>
    public DateTimeOffset ProbesFrom { get; init; }

    /// <summary>What the endpoints served when they were last asked. One controller writes it, another reads it.</summary>
    public ProbeOutcome? Probe
    {
        get => _probe;
        set => _probe = value;
    }
}
