using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.Incidents;

/// <summary>
/// What a policy's finished runs mean for its incident. Pure. All failures that the operator goes on with by itself are one cause: a CA
/// that is now unreachable and now overloaded is one trouble, and nobody wants to be woken for each of its faces.
/// </summary>
public static class IncidentDecider
{
    /// <summary>Whether there is anything to decide; false for a policy that has no trouble.</summary>
    public static bool Concerns(CertificateRenewalPolicy policy)
        => policy.Status is { } status && (status.Incident is not null || Trouble(status.LastFinishedRun) is not null);

    /// <param name="policy">With the status as it is stored.</param>
    /// <param name="sinks">Who is to be told.</param>
    /// <param name="cluster">The cluster's name in new keys.</param>
    /// <param name="now">The time.</param>
    /// <returns>The incident as it should be stored; null where there is none, or none any more.</returns>
    public static IncidentStatus? Decide(CertificateRenewalPolicy policy, IReadOnlyList<IncidentSinkSpec> sinks, string? cluster, DateTimeOffset now)
    {
        var status = policy.Status ?? new PolicyStatus();
        var incident = status.Incident switch
        {
            null => Trouble(status.LastFinishedRun) is { } cause ? Open(policy, cause, cluster) : null,
            { ResolvedAt: not null } over => Trouble(status.LastFinishedRun) is { } cause ? Reopen(policy, over, cause, cluster) : over,
            var open => Follow(policy, open, cluster, now),
        };
        incident = incident is null ? null : IncidentDeliveries.WithSinks(incident, sinks);
        return incident is null || IncidentDeliveries.IsOver(incident) ? null : incident;
    }

    /// <summary>Ends an incident whose policy is gone.</summary>
    public static IncidentStatus Close(IncidentStatus incident, DateTimeOffset now)
        => incident.ResolvedAt is not null ? incident : IncidentDeliveries.Tell(incident with { ResolvedAt = now }, IncidentChange.Resolved);

    /// <summary>A run that ended because somebody edited the policy is no trouble: the next one does what the policy says now.</summary>
    private static IncidentCause? Trouble(AccountedRun? run) => run switch
    {
        { Reason: RunReasons.PolicyChanged } => null,
        { Phase: RunPhase.Failed } => IncidentCause.RenewalFailed,
        { Phase: RunPhase.NeedsManual } => IncidentCause.NeedsManual,
        _ => null,
    };

    /// <summary>A run that only wrote the old certificate again mends nothing while the new one is due.</summary>
    private static bool Mended(PolicyStatus status, DateTimeOffset now)
        => status.LastFinishedRun is { Phase: RunPhase.Succeeded } run && !(run.Restored == true && status.RenewalTime <= now);

    private static IncidentStatus Open(CertificateRenewalPolicy policy, IncidentCause cause, string? cluster)
        => WithRun(
            new IncidentStatus
            {
                Cause = cause,
                Severity = Severity(policy),
                Since = policy.Status!.LastFinishedRun!.FinishedAt,
                DedupKey = IncidentKeys.Dedup(cluster, NamespacedName.Of(policy), cause),
                Revision = 1,
                Change = IncidentChange.Opened,
                HandledRequest = policy.Status.Handled?.RenewRequestedAt,
            },
            policy.Status.LastFinishedRun);

    /// <summary>Another trouble while somebody has not heard of the end of the last one.</summary>
    private static IncidentStatus Reopen(CertificateRenewalPolicy policy, IncidentStatus over, IncidentCause cause, string? cluster)
    {
        var opened = Open(policy, cause, cluster);
        return opened.DedupKey != over.DedupKey
            ? opened with { Supersedes = over.DedupKey, Deliveries = Fresh(over.Deliveries, _ => true) }
            : opened with { Revision = over.Revision + 1, Deliveries = Fresh(over.Deliveries, d => d.Revision == over.Revision) };
    }

    private static IncidentStatus Follow(CertificateRenewalPolicy policy, IncidentStatus open, string? cluster, DateTimeOffset now)
    {
        var status = policy.Status!;
        if (Mended(status, now))
        {
            return IncidentDeliveries.Tell(open with { ResolvedAt = status.LastFinishedRun!.FinishedAt, ResolvedBy = status.LastFinishedRun.Name }, IncidentChange.Resolved);
        }

        // A run that was resumed has the name of the one that failed before.
        if (Trouble(status.LastFinishedRun) is { } cause)
        {
            // The operator has stopped trying: whoever has gone back to sleep over its tries must hear of it. Never the other way round.
            if (cause == IncidentCause.NeedsManual && open.Cause == IncidentCause.RenewalFailed)
            {
                return Open(policy, cause, cluster) with { Supersedes = open.DedupKey, Deliveries = Fresh(open.Deliveries, _ => true) };
            }

            if (status.LastFinishedRun!.Reason != open.Reason)
            {
                return IncidentDeliveries.Tell(WithRun(open, status.LastFinishedRun), IncidentChange.Updated);
            }

            // The same again is nothing to tell, only a reason to try again what nobody would take.
            open = status.LastFinishedRun.Name != open.Run && IncidentDeliveries.HasDeadLetters(open) ? IncidentDeliveries.TryAgain(WithRun(open, status.LastFinishedRun)) : open;
        }

        if (Severity(policy) != open.Severity)
        {
            return IncidentDeliveries.Tell(open with { Severity = Severity(policy) }, IncidentChange.Updated);
        }

        return open.AcknowledgedAt is null && status.Handled?.RenewRequestedAt is { } request && request != open.HandledRequest
            ? IncidentDeliveries.Tell(open with { AcknowledgedAt = now }, IncidentChange.Acknowledged)
            : open;
    }

    private static Criticality Severity(CertificateRenewalPolicy policy) => policy.Spec.Criticality ?? Criticality.Medium;

    private static IncidentStatus WithRun(IncidentStatus incident, AccountedRun run)
        => incident with { Run = run.Name, Reason = run.Reason, Message = run.Message };

    /// <summary>The same receivers; those that are to hear of an opening have heard nothing yet.</summary>
    private static List<IncidentDelivery> Fresh(IReadOnlyList<IncidentDelivery>? deliveries, Func<IncidentDelivery, bool> hearsOfOpening)
        => [.. (deliveries ?? []).Select(d => new IncidentDelivery { Sink = d.Sink, Revision = hearsOfOpening(d) ? null : d.Revision, SecretName = d.SecretName, Endpoint = d.Endpoint })];
}
