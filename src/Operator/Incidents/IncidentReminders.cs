using CertOperator.Crds.Policies;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.Incidents;

/// <summary>When people are reminded of a signing request that nobody has brought the certificate for. Pure. Everybody who heard of it hears again, under the same key.</summary>
public static class IncidentReminders
{
    /// <summary>When the next reminder is due; null where none will be.</summary>
    public static DateTimeOffset? NextAt(IncidentStatus incident)
    {
        ArgumentNullException.ThrowIfNull(incident);
        return incident is { ResolvedAt: null, AcknowledgedAt: null, Reason: RunReasons.AwaitsCertificate } ? (incident.RemindedAt ?? incident.Since) + Interval(incident.Severity) : null;
    }

    public static TimeSpan Interval(Criticality severity)
        => severity switch
        {
            Criticality.Critical => TimeSpan.FromHours(6),
            Criticality.High => TimeSpan.FromDays(1),
            Criticality.Medium => TimeSpan.FromDays(3),
            _ => TimeSpan.FromDays(7),
        };
}
