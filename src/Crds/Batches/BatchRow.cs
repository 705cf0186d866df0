using System.Text.Json.Serialization;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Batches;

/// <summary>One policy in a batch.</summary>
public sealed record BatchRow
{
    [Required]
    public string Namespace { get; init; } = "";

    [Required]
    public string Policy { get; init; } = "";

    public string? Hostname { get; init; }

    [Required]
    public BatchRowState State { get; init; }

    /// <summary>The provider that is asked.</summary>
    public CertificateProviderKind? Provider { get; init; }

    /// <summary>What the certificate costs there.</summary>
    public Money? CostEstimate { get; init; }

    /// <summary>What of that has come due.</summary>
    public Money? Cost { get; init; }

    /// <summary>Why each other provider was passed over.</summary>
    public IReadOnlyList<PassedOverProvider>? PassedOver { get; init; }

    /// <summary>The run, in the policy's namespace.</summary>
    public string? Run { get; init; }

    /// <summary>When the run was made.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Why the policy is skipped, waits or failed: one word.</summary>
    public string? Reason { get; init; }

    public string? Message { get; init; }
}

/// <summary>Where a policy stands in its batch.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BatchRowState>))]
public enum BatchRowState
{
    Waiting,
    Queued,
    Running,
    Succeeded,
    Failed,
    NeedsManual,
    Skipped,
    Withdrawn,
}

/// <summary>A provider that was not chosen.</summary>
public sealed record PassedOverProvider
{
    [Required]
    public CertificateProviderKind Provider { get; init; }

    /// <summary>One word, such as Dearer.</summary>
    [Required]
    public string Reason { get; init; } = "";

    public string? Message { get; init; }
}
