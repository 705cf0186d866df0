using CertOperator.Crds.Policies;

namespace CertOperator.Providers.Incidents;

/// <summary>What is told about an incident; holds nothing secret.</summary>
public sealed record IncidentNotice
{
    public required IncidentChange Change { get; init; }

    /// <summary>The same for every message about the incident; at most 255 characters.</summary>
    public required string DedupKey { get; init; }

    /// <summary>The key of an earlier incident that is over because of this one.</summary>
    public string? Supersedes { get; init; }

    /// <summary>The same whenever this message is sent to this receiver again.</summary>
    public required string DeliveryId { get; init; }

    public required IncidentCause Cause { get; init; }

    public required Criticality Severity { get; init; }

    /// <summary>One line.</summary>
    public required string Summary { get; init; }

    /// <summary>Why the run failed; null once it is over.</summary>
    public string? Message { get; init; }

    /// <summary>Why the run failed, one word.</summary>
    public string? Reason { get; init; }

    public required string Cluster { get; init; }

    public required string Namespace { get; init; }

    public required string Policy { get; init; }

    public required string Hostname { get; init; }

    /// <summary>The run that failed or, at the end, the one that succeeded.</summary>
    public required string Run { get; init; }

    public required DateTimeOffset Since { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>End of the certificate in use; null where there is none.</summary>
    public DateTimeOffset? CertificateExpires { get; init; }

    /// <summary>When the operator tries again by itself; null where it does not.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    public int ConsecutiveFailures { get; init; }

    public Uri? Runbook { get; init; }
}
