using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
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
        => policy.Status is { } status && (status.Incident is not null || Finding(status.LastFinishedRun) is not null || IsExpired(status) || Stalled(status) is not null);

    /// <summary>When a policy that cannot renew is in trouble without anything else happening; null where it is, or will not be.</summary>
    public static DateTimeOffset? TroubleAt(CertificateRenewalPolicy policy, DateTimeOffset now)
        => policy.Status is { } status && Stalled(status) is not null && PolicyStatusFacts.DueSince(status) is { } due && due > now ? due : null;

    /// <param name="policy">With the status as it is stored.</param>
    /// <param name="sinks">Who is to be told.</param>
    /// <param name="cluster">The cluster's name in new keys.</param>
    /// <param name="now">The time.</param>
    /// <param name="expiring">From when on the certificate is about to expire; null where nobody renews it.</param>
    /// <returns>The incident as it should be stored; null where there is none, or none any more.</returns>
    public static IncidentStatus? Decide(CertificateRenewalPolicy policy, IReadOnlyList<IncidentSinkSpec> sinks, string? cluster, DateTimeOffset now, DateTimeOffset? expiring = null)
    {
        var status = policy.Status ?? new PolicyStatus();
        var found = Trouble(status, now, expiring);
        var incident = status.Incident switch
        {
            null => found is { } trouble ? Open(policy, trouble, cluster) : null,
            { ResolvedAt: not null } over => found is { } trouble ? Reopen(policy, over, trouble, cluster) : over,
            var open => Follow(policy, open, found, cluster, now),
        };
        incident = incident is null ? null : IncidentDeliveries.WithSinks(incident, sinks);
        return incident is null || IncidentDeliveries.IsOver(incident) ? null : incident;
    }

    /// <summary>Ends an incident whose policy is gone.</summary>
    public static IncidentStatus Close(IncidentStatus incident, DateTimeOffset now)
        => incident.ResolvedAt is not null ? incident : IncidentDeliveries.Tell(incident with { ResolvedAt = now }, IncidentChange.Resolved);

    /// <summary>The worst that is the matter: an expired certificate, a run that ended badly, or a policy that cannot renew although it is time.</summary>
    private static Trouble? Trouble(PolicyStatus status, DateTimeOffset now, DateTimeOffset? expiring)
    {
        if (IsExpired(status))
        {
            return new Trouble(IncidentCause.CertificateExpired, LastRun(status), PolicyReasons.Expired, WhyExpired(status), status.NotAfter!.Value);
        }

        if (expiring <= now)
        {
            return new Trouble(IncidentCause.CertificateExpiring, LastRun(status), PolicyReasons.Expiring, WhyNotRenewed(status), expiring.Value);
        }

        return (WasUndone(status) ? null : Finding(status.LastFinishedRun))
            ?? (Stalled(status) is { } stalled && PolicyStatusFacts.DueSince(status) <= now
                ? new Trouble(IncidentCause.NeedsManual, LastRun(status), stalled.Reason, $"The certificate is due for renewal, and the policy cannot be carried out: {stalled.Message}", stalled.LastTransitionTime)
                : null);
    }

    /// <summary>A run that ended because somebody edited the policy is no trouble: the next one does what the policy says now.</summary>
    private static Trouble? Finding(AccountedRun? run) => run switch
    {
        null or { Reason: RunReasons.PolicyChanged } => null,
        { Phase: RunPhase.Failed } => new Trouble(IncidentCause.RenewalFailed, run.Name, run.Reason, run.Message, run.FinishedAt),
        { Phase: RunPhase.NeedsManual } => new Trouble(IncidentCause.NeedsManual, run.Name, run.Reason, run.Message, run.FinishedAt),
        _ => null,
    };

    /// <summary>The run failed at what the policy no longer asks for, and what it asks for now is there: no run will follow that could mend anything.</summary>
    private static bool WasUndone(PolicyStatus status)
        => status is { LastFinishedRun: { Phase: RunPhase.Failed, Stored: not true, Generation: { } tried }, ObservedGeneration: { } seen, RetryRequested: not true } && tried < seen
            && status.Conditions?.Any(c => c is { Type: PolicyStatusBuilder.Ready, Status: "True" }) == true
            && status.Conditions.Any(c => c is { Type: PolicyStatusBuilder.Reconciling, Status: "False", Reason: PolicyReasons.Idle });

    private static bool IsExpired(PolicyStatus status)
        => status.NotAfter is not null && status.Conditions?.Any(c => c is { Type: PolicyStatusBuilder.Ready, Status: "False", Reason: PolicyReasons.Expired }) == true;

    private static Condition? Stalled(PolicyStatus status)
        => status.NotAfter is null ? null : PolicyStatusFacts.Stalled(status);

    /// <summary>What keeps the certificate from being renewed stands in the other conditions.</summary>
    private static string WhyExpired(PolicyStatus status)
        => string.Join(" ", new[] { PolicyStatusBuilder.Ready, PolicyStatusBuilder.Stalled, PolicyStatusBuilder.Reconciling }
            .Select(type => status.Conditions!.FirstOrDefault(c => c.Type == type))
            .Where(c => c is not null && (c.Type == PolicyStatusBuilder.Ready || c.Status == "True" || c.Reason is PolicyReasons.Suspended or PolicyReasons.RolledBack or PolicyReasons.DryRunOnly))
            .Select(c => c!.Message)
            .Distinct(StringComparer.Ordinal));

    /// <summary>It may be a run that failed, one that waits, or none at all.</summary>
    private static string WhyNotRenewed(PolicyStatus status)
        => string.Join(" ", new[]
            {
                $"It ends {status.NotAfter:yyyy-MM-dd HH:mm} UTC and was due for renewal {PolicyStatusFacts.DueSince(status):yyyy-MM-dd HH:mm} UTC.",
                PolicyStatusFacts.Stalled(status)?.Message,
                status.Conditions?.FirstOrDefault(c => c.Type == PolicyStatusBuilder.Reconciling)?.Message,
                Finding(status.LastFinishedRun) is { } failed ? $"Run {failed.Run}: {failed.Message}" : null,
            }
            .Where(t => !string.IsNullOrEmpty(t)).Distinct(StringComparer.Ordinal));

    private static string LastRun(PolicyStatus status) => status.LastFinishedRun?.Name ?? status.LastRun ?? "none";

    /// <summary>A run that only wrote the old certificate again mends nothing while the new one is due, nor does one from before the trouble.</summary>
    private static bool Mended(PolicyStatus status, IncidentStatus open, DateTimeOffset now)
        => status.LastFinishedRun is { Phase: RunPhase.Succeeded } run && !((run.Restored == true || run.FinishedAt < open.Since) && PolicyStatusFacts.DueSince(status) <= now);

    private static IncidentStatus Open(CertificateRenewalPolicy policy, Trouble trouble, string? cluster)
        => Describe(
            new IncidentStatus
            {
                Cause = trouble.Cause,
                Severity = Severity(policy, trouble.Cause),
                Since = trouble.Since,
                DedupKey = IncidentKeys.Dedup(cluster, NamespacedName.Of(policy), trouble.Cause),
                Revision = 1,
                Change = IncidentChange.Opened,
                HandledRequest = policy.Status!.Handled?.RenewRequestedAt,
            },
            trouble);

    /// <summary>Another trouble while somebody has not heard of the end of the last one.</summary>
    private static IncidentStatus Reopen(CertificateRenewalPolicy policy, IncidentStatus over, Trouble trouble, string? cluster)
    {
        var opened = Open(policy, trouble, cluster);
        return opened.DedupKey != over.DedupKey
            ? opened with { Supersedes = over.DedupKey, Deliveries = Fresh(over.Deliveries, _ => true) }
            : opened with { Revision = over.Revision + 1, Deliveries = Fresh(over.Deliveries, d => d.Revision == over.Revision) };
    }

    private static IncidentStatus Follow(CertificateRenewalPolicy policy, IncidentStatus open, Trouble? trouble, string? cluster, DateTimeOffset now)
    {
        var status = policy.Status!;
        if (trouble is null && WasUndone(status))
        {
            return IncidentDeliveries.Tell(open with { ResolvedAt = now }, IncidentChange.Resolved);
        }

        if (trouble is null && Mended(status, open, now))
        {
            return IncidentDeliveries.Tell(open with { ResolvedAt = status.LastFinishedRun!.FinishedAt, ResolvedBy = status.LastFinishedRun.Name }, IncidentChange.Resolved);
        }

        // A run that was resumed has the name of the one that failed before.
        if (trouble is not null)
        {
            // It has come to the worse: whoever has gone back to sleep over the operator's tries must hear of it. Never the other way round.
            if (trouble.Cause > open.Cause)
            {
                return Open(policy, trouble, cluster) with { Supersedes = open.DedupKey, Deliveries = Fresh(open.Deliveries, _ => true) };
            }

            if (trouble.Reason != open.Reason)
            {
                return IncidentDeliveries.Tell(Describe(open, trouble), IncidentChange.Updated);
            }

            // The same again is nothing to tell, only a reason to try again what nobody would take.
            open = trouble.Run != open.Run && IncidentDeliveries.HasDeadLetters(open) ? IncidentDeliveries.TryAgain(Describe(open, trouble)) : open;
        }

        if (trouble is not null && IncidentReminders.NextAt(open) <= now)
        {
            return IncidentDeliveries.Tell(Describe(open, trouble) with { RemindedAt = now, Severity = Severity(policy, open.Cause) }, IncidentChange.Reminded);
        }

        if (Severity(policy, open.Cause) != open.Severity)
        {
            return IncidentDeliveries.Tell(open with { Severity = Severity(policy, open.Cause) }, IncidentChange.Updated);
        }

        return open.AcknowledgedAt is null && status.Handled?.RenewRequestedAt is { } request && request != open.HandledRequest
            ? IncidentDeliveries.Tell(open with { AcknowledgedAt = now }, IncidentChange.Acknowledged)
            : open;
    }

    /// <summary>Where the policy says nothing, it is the end of a certificate that has to wake somebody, not a failure weeks before.</summary>
    private static Criticality Severity(CertificateRenewalPolicy policy, IncidentCause cause)
        => policy.Spec.Criticality ?? (cause >= IncidentCause.CertificateExpiring ? Criticality.Critical : Criticality.Medium);

    private static IncidentStatus Describe(IncidentStatus incident, Trouble trouble)
        => incident with { Run = trouble.Run, Reason = trouble.Reason, Message = trouble.Message };

    /// <summary>The same receivers; those that are to hear of an opening have heard nothing yet.</summary>
    private static List<IncidentDelivery> Fresh(IReadOnlyList<IncidentDelivery>? deliveries, Func<IncidentDelivery, bool> hearsOfOpening)
        => [.. (deliveries ?? []).Select(d => new IncidentDelivery { Sink = d.Sink, Revision = hearsOfOpening(d) ? null : d.Revision, SecretName = d.SecretName, Endpoint = d.Endpoint })];
}

/// <summary>What is the matter with a policy.</summary>
/// <param name="Cause">The kind; the worse ones come later.</param>
/// <param name="Run">The run that ended badly, or the last one.</param>
/// <param name="Reason">Why, one word.</param>
/// <param name="Message">Why, a sentence or two.</param>
/// <param name="Since">Since when.</param>
internal sealed record Trouble(IncidentCause Cause, string Run, string? Reason, string? Message, DateTimeOffset Since);
