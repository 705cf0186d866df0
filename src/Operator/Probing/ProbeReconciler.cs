using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Probing;

/// <summary>
/// Asks the endpoints of a policy which certificate they serve, from time to time and on request. It has a queue and workers of its own,
/// so that no renewal waits for a host that does not answer, and writes nothing: what is new goes to the policy reconciler by way of
/// memory, and what is not costs no write.
/// </summary>
public sealed class ProbeReconciler(ResourceStores stores, PolicyMemories memories, EndpointProber prober, Queues queues, TimeProvider timeProvider) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (Observe(key) is not { } observation)
        {
            // A change of the policy or of the settings brings it back.
            return ReconcileResult.Done.Instance;
        }

        switch (ProbeDecider.Decide(observation, timeProvider.GetUtcNow()))
        {
            case ProbeDecision.Wait wait:
                queues.Probes.AddAfter(key, wait.Delay, WorkPriority.Low);
                break;

            case ProbeDecision.Ask ask:
                var snapshot = await prober.AskAsync(observation.Verification, observation.ExpectedFingerprint, cancellationToken);
                var outcome = ProbeDecider.Conclude(observation, ask.Request, snapshot);
                memories.Of(observation.Policy).Probe = outcome;
                if (outcome is { IsCertain: true, Snapshot: not null })
                {
                    queues.Policies.Add(key);
                }

                // Looks at the time of the next one, after everything that somebody waits for.
                queues.Probes.Add(key, WorkPriority.Low);
                break;
        }

        return ReconcileResult.Done.Instance;
    }

    private ProbeObservation? Observe(NamespacedName key)
    {
        var settings = stores.SettingsOf(key.Namespace);
        if (stores.Policies.Get(key) is not { Metadata.DeletionTimestamp: null } policy
            || PolicyResolver.Resolve(policy, settings).Policy is not { Verification: { Endpoints.Count: > 0 } verification })
        {
            return null;
        }

        var memory = memories.Of(policy);
        return new ProbeObservation
        {
            Policy = policy,
            Verification = verification,
            Runs = stores.RunsOf(key.Namespace, key.Name),
            Last = memory.Probe,
            Interval = settings?.Spec.Probe?.IntervalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : ProbeSchedule.DefaultInterval,
            NotBefore = memory.ProbesFrom,
        };
    }
}
