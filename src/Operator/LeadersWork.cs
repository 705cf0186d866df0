using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Authorities;
using CertOperator.Operator.Incidents;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Slo;

namespace CertOperator.Operator;

/// <summary>All that there may be to do.</summary>
public sealed class LeadersWork(IReadOnlyList<ITermMemory> memories, Queues queues, ResourceStores stores)
{
    /// <summary>At the start of a term: what this process remembers of an earlier term is void, and everything is looked at.</summary>
    public void StartOver()
    {
        foreach (var memory in memories)
        {
            memory.Reset();
        }

        queues.Rules.Add(WorkspaceRulesReconciler.Survey, WorkPriority.Low);
        foreach (var run in stores.Runs.List())
        {
            // Runs in progress first: somebody may be waiting for them.
            queues.Runs.Add(NamespacedName.Of(run), run.Status?.Phase == RunPhase.Running ? WorkPriority.Normal : WorkPriority.Low);
        }

        foreach (var batch in stores.Batches.List())
        {
            queues.Batches.Add(NamespacedName.Of(batch));
        }

        foreach (var policy in stores.Policies.List())
        {
            queues.Policies.Add(NamespacedName.Of(policy), WorkPriority.Low);
            if (PrivateRootReconciler.KeyOf(policy, stores) is { } root)
            {
                queues.PrivateRoots.Add(root);
            }

            queues.Probes.Add(NamespacedName.Of(policy), PolicyProbing.Request(policy, policy.Status) is null ? WorkPriority.Low : WorkPriority.Normal);
            if (IncidentDecider.Concerns(policy))
            {
                queues.Incidents.Add(NamespacedName.Of(policy));
            }
        }
    }

    /// <summary>Queues hold their own timers; this finds what is overdue all the same.</summary>
    public void EnqueueDue(DateTimeOffset now)
    {
        foreach (var policy in stores.Policies.List())
        {
            if (policy.Status is not { } status || (status.RenewalTime <= now && !(status.NextAttemptTime > now)))
            {
                queues.Policies.Add(NamespacedName.Of(policy), WorkPriority.Low);
            }

            // Nothing need happen for a certificate to come near its end.
            if (policy.Status is not { Incident: { ResolvedAt: null, Cause: >= IncidentCause.CertificateExpiring } }
                && PolicyStatusFacts.DueSince(policy.Status) <= now
                && ExpiringCertificate.At(policy, stores.SettingsOf(policy.Metadata.Namespace!)) <= now)
            {
                queues.Incidents.Add(NamespacedName.Of(policy), WorkPriority.Low);
            }

            if (policy.Status?.Incident is { } incident && (IncidentDeliveries.NextTry(incident) <= now || IncidentReminders.NextAt(incident) <= now))
            {
                queues.Incidents.Add(NamespacedName.Of(policy), WorkPriority.Low);
            }

            if (PolicyProbing.Request(policy, policy.Status) is not null)
            {
                queues.Probes.Add(NamespacedName.Of(policy), WorkPriority.Low);
            }
        }
    }
}
