using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Providers.Incidents;

namespace CertOperator.Operator.Incidents;

/// <summary>What a receiver is told. Pure.</summary>
public static class IncidentNotices
{
    public static IncidentNotice For(CertificateRenewalPolicy policy, IncidentStatus incident, IncidentDelivery delivery, IncidentSettings? settings)
    {
        var change = IncidentDeliveries.ChangeFor(incident, delivery);
        var resolved = change == IncidentChange.Resolved;
        var status = policy.Status ?? new PolicyStatus();
        return new IncidentNotice
        {
            Change = change,
            DedupKey = incident.DedupKey,
            Supersedes = delivery.Revision is null ? incident.Supersedes : null,
            DeliveryId = IncidentKeys.Delivery(incident, delivery.Sink, change, IncidentDeliveries.RevisionAfter(incident, delivery)),
            Cause = incident.Cause,
            Severity = incident.Severity,
            Summary = Summary(policy.Spec.Hostname, incident, change),
            Message = resolved ? null : incident.Message,
            Reason = resolved ? null : incident.Reason,
            Cluster = settings?.Cluster ?? IncidentKeys.DefaultCluster,
            Namespace = policy.Metadata.Namespace!,
            Policy = policy.Metadata.Name,
            Hostname = policy.Spec.Hostname,
            Run = (resolved ? incident.ResolvedBy : null) ?? incident.Run,
            Since = incident.Since,
            ResolvedAt = incident.ResolvedAt,
            CertificateExpires = status.NotAfter,
            NextAttempt = resolved || incident.Cause == IncidentCause.NeedsManual ? null : status.NextAttemptTime,
            ConsecutiveFailures = status.ConsecutiveFailures ?? 0,
            Runbook = Uri.TryCreate(settings?.RunbookUrl, UriKind.Absolute, out var runbook) && (runbook.Scheme == Uri.UriSchemeHttps || runbook.Scheme == Uri.UriSchemeHttp) ? runbook : null,
        };
    }

    /// <summary>One sentence about the incident as it is now.</summary>
    public static string Summary(string hostname, IncidentStatus incident, IncidentChange change) => change switch
    {
        IncidentChange.Acknowledged => $"Somebody has asked for another try of the certificate renewal of {hostname}",
        IncidentChange.Resolved when incident.ResolvedBy is null => $"The certificate renewal of {hostname} that failed is no longer asked for: its policy was deleted or edited",
        IncidentChange.Resolved => $"The certificate renewal of {hostname} works again",
        IncidentChange.Reminded => $"The certificate renewal of {hostname} still needs a person: {incident.Message}",
        _ when incident.Cause == IncidentCause.CertificateExpired => $"The certificate of {hostname} has expired: {incident.Message}",
        _ when incident.Cause == IncidentCause.CertificateExpiring => $"The certificate of {hostname} is about to expire and is not renewed: {incident.Message}",
        _ when incident.Cause == IncidentCause.NeedsManual => $"The certificate renewal of {hostname} needs a person: {incident.Message}",
        _ => $"The certificate renewal of {hostname} fails: {incident.Message}",
    };
}
