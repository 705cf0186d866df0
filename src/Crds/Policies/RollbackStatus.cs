using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>The rollback that was asked for last. While its annotation stays and nothing was refused, scheduled renewal is held.</summary>
public sealed record RollbackStatus
{
    /// <summary>Value of annotation certoperator.io/rollback-requested-at.</summary>
    [Required]
    public string RequestedAt { get; init; } = "";

    /// <summary>When the run was made that put the earlier pair back; absent where it was refused before.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>SHA-256 of the certificate that was put back, hexadecimal.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Why no pair was put back; then nothing is held.</summary>
    public string? Refused { get; init; }
}
