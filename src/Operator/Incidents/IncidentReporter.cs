using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Incidents;

/// <summary>
/// Where the incident in a policy's status, its condition and the Events change together. Nobody else writes these; what else is in the
/// status is the policy reconciler's, and a write on the basis of an old version of it is refused by the API server.
/// </summary>
public sealed class IncidentReporter(IKubernetesClient client, ResourceStores stores, IEventRecorder events, CertOperatorMetrics metrics, TimeProvider timeProvider)
{
    /// <summary>The policy reconciler and this one may meet, not for ever.</summary>
    private const int MaxMeetings = 5;

    private readonly IResourceClient<CertificateRenewalPolicy> _policies = client.Resource(CrdResources.Policies);

    /// <summary>Stores an incident, or that there is none, if that says anything new.</summary>
    /// <exception cref="ConflictException">The policy has changed since: decide again.</exception>
    /// <returns>The policy as it is stored.</returns>
    public async Task<CertificateRenewalPolicy> SaveAsync(CertificateRenewalPolicy policy, IncidentStatus? incident, CancellationToken cancellationToken)
    {
        var status = policy.Status! with { Incident = incident, Conditions = IncidentConditions.With(policy, incident, timeProvider.GetUtcNow()) };
        if (PolicyStatusComparison.Same(policy.Status, status))
        {
            return policy;
        }

        var written = await _policies.UpdateStatusAsync(new CertificateRenewalPolicy { Metadata = policy.Metadata, Spec = policy.Spec, Status = status }, cancellationToken);
        stores.Policies.Observe(written);
        Announce(policy, policy.Status.Incident, incident);
        return written;
    }

    /// <summary>Stores what became of tries, on top of whatever the policy is by now: it happened, and must not happen again.</summary>
    /// <returns>The incident as it is stored; null where it is over or the policy is gone.</returns>
    public async Task<IncidentStatus?> RecordAsync(CertificateRenewalPolicy policy, IReadOnlyList<DeliveryResult> results, CancellationToken cancellationToken)
    {
        for (var meeting = 1; ; meeting++)
        {
            try
            {
                if (policy.Status?.Incident is not { } incident)
                {
                    return null;
                }

                var applied = IncidentDeliveries.Apply(incident, results, policy.Metadata.Uid!, timeProvider.GetUtcNow());
                return (await SaveAsync(policy, applied, cancellationToken)).Status?.Incident;
            }
            catch (ConflictException) when (meeting < MaxMeetings)
            {
                if (await _policies.FindAsync(NamespacedName.Of(policy), cancellationToken) is not { } current || current.Metadata.Uid != policy.Metadata.Uid)
                {
                    return null;
                }

                policy = current;
            }
            catch (NotFoundException)
            {
                return null;
            }
        }
    }

    private void Announce(CertificateRenewalPolicy policy, IncidentStatus? before, IncidentStatus? after)
    {
        foreach (var dead in (after?.Deliveries ?? []).Where(d => d.DeadLetter == true && before?.Deliveries?.Any(b => b.Sink == d.Sink && b.DeadLetter == true && b.LastError == d.LastError) != true))
        {
            events.Record(policy, EventType.Warning, IncidentReasons.IncidentNotDelivered, "Escalate", $"{dead.Sink} could not be told: {dead.LastError}");
        }

        var opened = after is { ResolvedAt: null } && (before is not { ResolvedAt: null } || before.DedupKey != after.DedupKey);
        if (opened)
        {
            Record(EventType.Warning, IncidentReasons.IncidentOpened, IncidentNotices.Summary(policy.Spec.Hostname, after!, IncidentChange.Opened));
        }
        else if (after is { ResolvedAt: null } && after.Revision > before!.Revision)
        {
            var acknowledged = after.Change == IncidentChange.Acknowledged;
            Record(
                acknowledged ? EventType.Normal : EventType.Warning,
                acknowledged ? IncidentReasons.IncidentAcknowledged : IncidentReasons.IncidentUpdated,
                IncidentNotices.Summary(policy.Spec.Hostname, after, after.Change));
        }
        else if (after is not { ResolvedAt: null } && before is { ResolvedAt: null })
        {
            // Where nobody else is to be told, the incident leaves the status at once.
            var over = after ?? before with { ResolvedBy = policy.Status?.LastFinishedRun is { Phase: RunPhase.Succeeded } mended ? mended.Name : null };
            Record(EventType.Normal, IncidentReasons.IncidentResolved, IncidentNotices.Summary(policy.Spec.Hostname, over, IncidentChange.Resolved));
        }

        void Record(EventType type, string reason, string note)
        {
            events.Record(policy, type, reason, "Escalate", note);
            metrics.IncidentDelivered(IncidentSinkKinds.Event, DeliveryResults.Delivered);
        }
    }
}
