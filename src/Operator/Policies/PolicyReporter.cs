using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Probing;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Policies;

/// <summary>Where the status of a policy and its Events change together; also removes the runs that the history has no room for.</summary>
public sealed class PolicyReporter(IKubernetesClient client, ResourceStores stores, IEventRecorder events)
{
    private readonly IResourceClient<CertificateRenewalPolicy> _policies = client.Resource(CrdResources.Policies);
    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    /// <summary>Stores a status if it says anything new.</summary>
    public async Task SaveAsync(CertificateRenewalPolicy policy, PolicyStatus status, PolicyDecision decision, CancellationToken cancellationToken)
    {
        if (PolicyStatusComparison.Same(policy.Status, status))
        {
            return;
        }

        var written = await _policies.UpdateStatusAsync(
            new CertificateRenewalPolicy { Metadata = policy.Metadata, Spec = policy.Spec, Status = status },
            cancellationToken);
        stores.Policies.Observe(written);
        if (status.Rollback?.Refused is { } refused && refused != policy.Status?.Rollback?.Refused)
        {
            events.Record(policy, EventType.Warning, PolicyReasons.RollbackRefused, "Rollback", refused);
        }

        AnnounceServed(policy, status);
        if (status.Provider != policy.Status?.Provider)
        {
            events.Record(
                policy,
                status.Provider is null ? EventType.Normal : EventType.Warning,
                PolicyReasons.ProviderChanged,
                "Renew",
                status.Provider is { } other
                    ? $"{status.IssuanceFailures} runs in a row got no certificate; the next one asks provider {LabelNames<CertificateProviderKind>.Of(other)}."
                    : $"The next run asks provider {LabelNames<CertificateProviderKind>.Of(ProviderChoice.PrimaryOf(policy.Spec))} again.");
        }

        if (decision is not PolicyDecision.Stalled { Reason: PolicyReasons.NeedsManual }
            && PolicyStatusFacts.Stalled(status) is { } stalled && !WasStalled(policy, stalled))
        {
            events.Record(policy, EventType.Warning, stalled.Reason, "Validate", stalled.Message);
        }
    }

    /// <summary>Tells why a pair is not taken over.</summary>
    public void TakeoverRefused(CertificateRenewalPolicy policy, string why) => events.Record(policy, EventType.Warning, RunReasons.ResolutionRefused, "Renew", why);

    /// <summary>Tells once that a request to take over a pair was seen, and what it waits for.</summary>
    public void TakeoverWaits(CertificateRenewalPolicy policy, PolicyMemory memory, string why)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (memory.Told != why)
        {
            memory.Told = why;
            events.Record(policy, EventType.Normal, RunReasons.ResolutionWaits, "Renew", why);
        }
    }

    public async Task TrimHistoryAsync(PolicyObservation observation, CancellationToken cancellationToken)
    {
        var limit = observation.Resolution.Policy?.HistoryLimit ?? int.MaxValue;
        var finished = observation.Runs.Where(r => RunStateMachine.IsFinal(r.Status?.Phase)).ToList();
        // Its order brings a lost Secret back.
        var inUse = finished.Where(r => RunStateMachine.HasStored(r.Status)).MaxBy(r => r.Status!.FinishedAt);
        foreach (var run in finished.Where(r => r != inUse || limit == 1).OrderBy(r => r.Status!.FinishedAt).Take(Math.Max(0, finished.Count - limit)))
        {
            await Deletion.TryDeleteAsync(_runs, run, cancellationToken);
        }
    }

    /// <summary>Tells when a certificate that should be served no longer is, and when it is again: not of each look at it.</summary>
    private void AnnounceServed(CertificateRenewalPolicy policy, PolicyStatus status)
    {
        var before = policy.Status?.Conditions?.FirstOrDefault(c => c.Type == PolicyStatusBuilder.ServedCertificateMatches);
        var after = status.Conditions?.FirstOrDefault(c => c.Type == PolicyStatusBuilder.ServedCertificateMatches);
        if (after is not null && ServedFindings.Announce(before, after) is { } type)
        {
            events.Record(policy, type, after.Reason, "Probe", after.Message);
        }

        if (after is null && status.Handled?.CheckRequestedAt != policy.Status?.Handled?.CheckRequestedAt)
        {
            events.Record(policy, EventType.Warning, PolicyReasons.NothingToProbe, "Probe", $"Annotation {WellKnown.CheckRequestedAt} asks for a look at the endpoints, and there is none to look at. Name them in spec.verify.endpoints.");
        }
    }

    private static bool WasStalled(CertificateRenewalPolicy policy, Condition stalled)
        => PolicyStatusFacts.Stalled(policy.Status)?.Message == stalled.Message;
}
