namespace CertOperator.Operator.Policies;

/// <summary>What this process remembers of a policy between looks; lost with the process, which then looks again.</summary>
public sealed class PolicyMemory
{
    /// <summary>When the Secret is read again.</summary>
    public DateTimeOffset SecretCheckDue { get; set; }

    /// <summary>When the CA may be asked again after it could not say when to renew.</summary>
    public DateTimeOffset RenewalInfoDue { get; set; }

    /// <summary>The certificate that <see cref="RenewalInfoDue"/> is about.</summary>
    public string? RenewalInfoFor { get; set; }

    /// <summary>Since when a run is wanted and no place is free.</summary>
    public DateTimeOffset? WaitingSince { get; set; }
}
