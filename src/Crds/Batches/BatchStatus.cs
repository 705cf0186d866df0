using System.Text.Json.Serialization;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Batches;

/// <summary>What is planned and how far it is.</summary>
public sealed record BatchStatus
{
    /// <summary>Previewed ends a dry run; Completed, Stopped and Cancelled end a live batch.</summary>
    public BatchPhase? Phase { get; init; }

    /// <summary>Ready, Reconciling, Stalled; and Complete, which is True after a batch without failures, False after another, and not there before the end.</summary>
    [ListMapKey("type")]
    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>Generation of the spec that this status speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Why the batch stands where it stands: one word.</summary>
    public string? Reason { get; init; }

    /// <summary>Why the batch stands where it stands, in a sentence.</summary>
    public string? Message { get; init; }

    /// <summary>When the plan was made.</summary>
    public DateTimeOffset? PlannedAt { get; init; }

    /// <summary>When the first run could start.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the last run had ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Fingerprint of what the plan rests on; another spec is another batch.</summary>
    public string? PlanHash { get; init; }

    /// <summary>Policies by where they stand.</summary>
    public BatchCounts? Counts { get; init; }

    /// <summary>The plan as it was made, before any run.</summary>
    public BatchPreview? Preview { get; init; }

    /// <summary>What all certificates of the batch cost, per currency.</summary>
    public IReadOnlyList<Money>? CostEstimate { get; init; }

    /// <summary>What those that were issued cost, per currency.</summary>
    public IReadOnlyList<Money>? Cost { get; init; }

    /// <summary>The first 50 policies, those that need attention before the others. All are in the ConfigMaps of rowPages.</summary>
    public IReadOnlyList<BatchRow>? Rows { get; init; }

    /// <summary>ConfigMaps, in the batch's namespace, whose key "rows" holds one JSON object per line and policy.</summary>
    public IReadOnlyList<string>? RowPages { get; init; }
}

/// <summary>Where a batch stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BatchPhase>))]
public enum BatchPhase
{
    Planning,
    Previewed,
    Running,
    Paused,
    Cancelling,
    Stopping,
    Completed,
    Cancelled,
    Stopped,
}

/// <summary>Policies by where they stand.</summary>
public sealed record BatchCounts
{
    public int Total { get; init; }

    /// <summary>Their run has not been made.</summary>
    public int Waiting { get; init; }

    /// <summary>Their run has been made and has not begun.</summary>
    public int Queued { get; init; }

    public int Running { get; init; }

    public int Succeeded { get; init; }

    public int Failed { get; init; }

    public int NeedsManual { get; init; }

    /// <summary>No run is made for them, as their row says.</summary>
    public int Skipped { get; init; }

    /// <summary>The batch ended before their turn.</summary>
    public int Withdrawn { get; init; }
}

/// <summary>A plan.</summary>
public sealed record BatchPreview
{
    /// <summary>Policies that are to be renewed.</summary>
    public int Policies { get; init; }

    /// <summary>Policies that fit the selector and are not to be renewed, by the reason.</summary>
    public IReadOnlyList<BatchSkips>? Skipped { get; init; }

    /// <summary>How many certificates each provider is asked for, and what they cost.</summary>
    public IReadOnlyList<BatchShare>? Providers { get; init; }
}

/// <summary>Policies that are skipped for one reason.</summary>
public sealed record BatchSkips
{
    [Required]
    public string Reason { get; init; } = "";

    public int Policies { get; init; }
}

/// <summary>What one provider is asked for.</summary>
public sealed record BatchShare
{
    [Required]
    public CertificateProviderKind Provider { get; init; }

    public int Policies { get; init; }

    /// <summary>Per currency.</summary>
    public IReadOnlyList<Money>? Cost { get; init; }
}
