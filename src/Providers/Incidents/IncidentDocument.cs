using CertOperator.Crds.Policies;

namespace CertOperator.Providers.Incidents;

/// <summary>An incident as machines read it. Fields are only ever added; what changes its meaning gets another version.</summary>
internal sealed record IncidentDocument
{
    public const string CurrentVersion = "certoperator.io/incident.v1";

    public required string Version { get; init; }

    /// <summary>opened, updated, acknowledged or resolved.</summary>
    public required string Event { get; init; }

    public required string DeliveryId { get; init; }

    public required string DedupKey { get; init; }

    public string? Supersedes { get; init; }

    public required string Cause { get; init; }

    /// <summary>low, medium, high or critical.</summary>
    public required string Severity { get; init; }

    public required string Summary { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public required string Cluster { get; init; }

    public required string Namespace { get; init; }

    public required string Policy { get; init; }

    public required string Hostname { get; init; }

    public required string Run { get; init; }

    public required DateTimeOffset Since { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    public DateTimeOffset? CertificateExpires { get; init; }

    public DateTimeOffset? NextAttempt { get; init; }

    public int ConsecutiveFailures { get; init; }

    public string? Runbook { get; init; }

    public static IncidentDocument Of(IncidentNotice notice)
        => new()
        {
            Version = CurrentVersion,
            Event = Word(notice.Change),
            DeliveryId = notice.DeliveryId,
            DedupKey = notice.DedupKey,
            Supersedes = notice.Supersedes,
            Cause = notice.Cause.ToString(),
            Severity = notice.Severity switch
            {
                Criticality.Low => "low",
                Criticality.Medium => "medium",
                Criticality.High => "high",
                _ => "critical",
            },
            Summary = notice.Summary,
            Reason = notice.Reason,
            Message = notice.Message,
            Cluster = notice.Cluster,
            Namespace = notice.Namespace,
            Policy = notice.Policy,
            Hostname = notice.Hostname,
            Run = notice.Run,
            Since = notice.Since,
            ResolvedAt = notice.ResolvedAt,
            CertificateExpires = notice.CertificateExpires,
            NextAttempt = notice.NextAttempt,
            ConsecutiveFailures = notice.ConsecutiveFailures,
            Runbook = notice.Runbook?.AbsoluteUri,
        };

    public static string Word(IncidentChange change) => change switch
    {
        IncidentChange.Opened => "opened",
        IncidentChange.Updated => "updated",
        IncidentChange.Acknowledged => "acknowledged",
        IncidentChange.Reminded => "reminded",
        _ => "resolved",
    };
}
