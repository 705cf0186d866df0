using System.Text.Json.Serialization;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>An incident: what is wrong, and who has been told. It is removed once everybody knows that it is over.</summary>
public sealed record IncidentStatus
{
    /// <summary>RenewalFailed while the operator tries again by itself, NeedsManual when a person must act, CertificateExpired when it is too late for either.</summary>
    [Required]
    public IncidentCause Cause { get; init; }

    /// <summary>The policy's criticality.</summary>
    [Required]
    public Criticality Severity { get; init; }

    /// <summary>When the run ended that opened the incident, or since when the policy has been in trouble.</summary>
    [Required]
    public DateTimeOffset Since { get; init; }

    /// <summary>What receivers know the incident by: the same for every message about it, and for a later incident of this policy and cause.</summary>
    [Required]
    public string DedupKey { get; init; } = "";

    /// <summary>The key of the incident that this one took the place of; it is resolved where this one is opened.</summary>
    public string? Supersedes { get; init; }

    /// <summary>The failed run that the incident tells of, or the last one before the trouble.</summary>
    [Required]
    public string Run { get; init; } = "";

    /// <summary>Why that run failed: one word.</summary>
    public string? Reason { get; init; }

    /// <summary>Why that run failed: one sentence.</summary>
    public string? Message { get; init; }

    /// <summary>Counts what there was to tell: 1 for the opening, one more with each change.</summary>
    [Required]
    public int Revision { get; init; }

    /// <summary>What the latest revision tells.</summary>
    [Required]
    public IncidentChange Change { get; init; }

    /// <summary>The request for a renewal that had been acted on when the incident was opened; another one acknowledges it.</summary>
    public string? HandledRequest { get; init; }

    /// <summary>When a person asked for a run while the incident was open.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>When people were last reminded that somebody is waited for.</summary>
    public DateTimeOffset? RemindedAt { get; init; }

    /// <summary>When it was over. Then the incident stays only until everybody has been told.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>The run that succeeded.</summary>
    public string? ResolvedBy { get; init; }

    /// <summary>Who is told, and how far that has come.</summary>
    [ListMapKey("sink")]
    public IReadOnlyList<IncidentDelivery>? Deliveries { get; init; }
}

/// <summary>What one receiver has been told.</summary>
public sealed record IncidentDelivery
{
    /// <summary>pagerDuty, webhook/NAME, slack or email/ADDRESS.</summary>
    [Required]
    public string Sink { get; init; } = "";

    /// <summary>The last revision that it took; absent before the first.</summary>
    public int? Revision { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Tries of the present revision that failed.</summary>
    public int? Attempts { get; init; }

    /// <summary>When it is tried again.</summary>
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>Why the last try failed.</summary>
    public string? LastError { get; init; }

    /// <summary>True when it is not tried again before the settings, the Secret or the incident change.</summary>
    public bool? DeadLetter { get; init; }

    /// <summary>Stands for the settings and the version of the Secret that the last failed try used.</summary>
    public string? Configuration { get; init; }

    /// <summary>For pagerDuty: the Secret with the routing key under which the incident was opened, and is resolved.</summary>
    public string? SecretName { get; init; }

    /// <summary>For pagerDuty: where the incident was opened, and is resolved.</summary>
    public string? Endpoint { get; init; }
}

/// <summary>Kinds of trouble; a policy has at most one incident at a time.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentCause>))]
public enum IncidentCause
{
    RenewalFailed,
    NeedsManual,
    CertificateExpiring,
    CertificateExpired,
}

/// <summary>What there is to tell about an incident.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentChange>))]
public enum IncidentChange
{
    Opened,
    Updated,
    Acknowledged,
    Reminded,
    Resolved,
}
