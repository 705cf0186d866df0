using CertOperator.Crds.Policies;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Runs;

/// <summary>How far the step Deploy is.</summary>
public sealed record RunDeployment
{
    /// <summary>Workloads whose turn has come, in the order of the policy.</summary>
    public IReadOnlyList<WorkloadRollout>? Restarts { get; init; }

    /// <summary>Targets that have the pair, or whose turn has come.</summary>
    public IReadOnlyList<TargetUpload>? Targets { get; init; }

    /// <summary>Servers that were told, or that could not be.</summary>
    public IReadOnlyList<WebhookDelivery>? Webhooks { get; init; }
}

/// <summary>The restart of one workload.</summary>
public sealed record WorkloadRollout
{
    [Required]
    public WorkloadKind Kind { get; init; }

    [Required]
    public string Name { get; init; } = "";

    /// <summary>Since when the run waits for it; absent after a failure, so that another try has the whole time.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was found rolled out.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    public string? Message { get; init; }
}

/// <summary>What one target got.</summary>
public sealed record TargetUpload
{
    /// <summary>Which one: what the policy says of it.</summary>
    [Required]
    public string Target { get; init; } = "";

    /// <summary>What the provider knows it by: an ARN, or the full name of a certificate.</summary>
    public string? RemoteId { get; init; }

    /// <summary>SHA-256 of the certificate that it has, hexadecimal; absent until it has the run's.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Since when something new is being made for it; absent where what is there is replaced.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was found to have the pair.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What the provider calls the work that is waited for.</summary>
    public string? Operation { get; init; }

    /// <summary>Why the last try failed.</summary>
    public string? Message { get; init; }
}

/// <summary>What one server was told.</summary>
public sealed record WebhookDelivery
{
    /// <summary>Identifier of the message, the same at each try; made of the run and the URL.</summary>
    [Required]
    public string Id { get; init; } = "";

    [Required]
    public string Host { get; init; } = "";

    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Why the last try failed.</summary>
    public string? Message { get; init; }
}
