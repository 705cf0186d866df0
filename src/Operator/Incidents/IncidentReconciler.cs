using System.Collections.Concurrent;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Kubernetes;
using CertOperator.Providers.Incidents;

namespace CertOperator.Operator.Incidents;

/// <summary>
/// Opens, updates and resolves a policy's incident and tells of it. It has a queue and workers of its own: whatever a receiver does, no
/// renewal waits for it.
/// </summary>
public sealed class IncidentReconciler(ResourceStores stores, IncidentDispatcher dispatcher, IncidentReporter reporter, TimeProvider timeProvider) : IReconciler, ITermMemory
{
    /// <summary>Secrets are not watched, so a dead letter looks by itself whether its Secret has changed.</summary>
    private static readonly TimeSpan DeadLetterCheck = TimeSpan.FromMinutes(1);

    /// <summary>Policies with an incident as they were last seen, for the case that they are deleted.</summary>
    private readonly ConcurrentDictionary<NamespacedName, CertificateRenewalPolicy> _open = new();

    /// <summary>What was sent and could not be noted: sending it again would be worse than remembering it.</summary>
    private readonly ConcurrentDictionary<NamespacedName, IReadOnlyList<DeliveryResult>> _unsaved = new();

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        var policy = stores.Policies.Get(key);
        if (_open.TryGetValue(key, out var known) && (policy is null || policy.Metadata.DeletionTimestamp is not null || policy.Metadata.Uid != known.Metadata.Uid))
        {
            return await CloseAsync(key, known, cancellationToken);
        }

        var settings = stores.SettingsOf(key.Namespace);
        var expiring = policy is null ? null : ExpiringCertificate.At(policy, settings);
        if (policy is not { Metadata.DeletionTimestamp: null } || !(IncidentDecider.Concerns(policy) || expiring <= timeProvider.GetUtcNow()))
        {
            return ReconcileResult.Done.Instance;
        }

        if (_unsaved.TryGetValue(key, out var earlier))
        {
            await reporter.RecordAsync(policy, earlier, cancellationToken);
            _unsaved.TryRemove(key, out _);
            policy = stores.Policies.Get(key) ?? policy;
        }

        var told = settings?.Spec.Incidents;
        var incident = IncidentDecider.Decide(policy, IncidentSinkSpec.Of(policy.Spec, told), told?.Cluster, timeProvider.GetUtcNow(), expiring);
        policy = await reporter.SaveAsync(policy, incident, cancellationToken);
        if (incident is null)
        {
            _open.TryRemove(key, out _);
            return IncidentDecider.TroubleAt(policy, timeProvider.GetUtcNow()) is { } at ? new ReconcileResult.RequeueAfter(at - timeProvider.GetUtcNow()) : ReconcileResult.Done.Instance;
        }

        _open[key] = policy;
        var results = await dispatcher.DeliverAsync(policy, incident, told, cancellationToken);
        if (results.Any(r => r.Outcome is not DeliveryOutcome.Postponed))
        {
            _unsaved[key] = results;
            incident = await reporter.RecordAsync(policy, results, cancellationToken);
            _unsaved.TryRemove(key, out _);
        }

        if (incident is null)
        {
            _open.TryRemove(key, out _);
            return ReconcileResult.Done.Instance;
        }

        _open[key] = With(policy, incident);
        return Next(incident, results, policy.Metadata.Uid!);
    }

    /// <summary>Drops everything that is kept in memory, such as after the leadership was lost.</summary>
    public void Reset()
    {
        _open.Clear();
        _unsaved.Clear();
    }

    /// <summary>
    /// The policy is gone, and with it the place where anything could be noted: whoever has heard of the incident is told of its end as
    /// long as this process lives.
    /// </summary>
    private async Task<ReconcileResult> CloseAsync(NamespacedName key, CertificateRenewalPolicy known, CancellationToken cancellationToken)
    {
        var incident = IncidentDecider.Close(known.Status!.Incident!, timeProvider.GetUtcNow());
        var settings = stores.SettingsOf(key.Namespace)?.Spec.Incidents;
        var results = await dispatcher.DeliverAsync(known, incident, settings, cancellationToken);
        var left = IncidentDeliveries.Apply(incident, results, known.Metadata.Uid!, timeProvider.GetUtcNow());
        if (left is null || (IncidentDeliveries.NextTry(left) is null && results.All(r => r.Outcome is not DeliveryOutcome.Postponed)))
        {
            _open.TryRemove(key, out _);
            return new ReconcileResult.RequeueAfter(TimeSpan.Zero);
        }

        _open[key] = With(known, left);
        return Next(left, results, known.Metadata.Uid!);
    }

    private static CertificateRenewalPolicy With(CertificateRenewalPolicy policy, IncidentStatus incident)
        => new() { Metadata = policy.Metadata, Spec = policy.Spec, Status = policy.Status! with { Incident = incident } };

    private ReconcileResult Next(IncidentStatus incident, IReadOnlyList<DeliveryResult> results, string seed)
    {
        var now = timeProvider.GetUtcNow();
        var postponed = results.Select(r => r.Outcome).OfType<DeliveryOutcome.Postponed>().Select(p => (DateTimeOffset?)(now + p.Delay)).Max();
        var due = IncidentDeliveries.NextTry(incident) is { } next && postponed > next ? postponed : IncidentDeliveries.NextTry(incident);
        due = IncidentReminders.NextAt(incident) is { } reminder && !(due < reminder) ? reminder : due;
        if (due is null && !IncidentDeliveries.HasDeadLetters(incident))
        {
            return ReconcileResult.Done.Instance;
        }

        var check = now + DeadLetterCheck + TimeSpan.FromTicks(StableHash.Below(DeadLetterCheck.Ticks / 2, seed));
        var at = due < check || !IncidentDeliveries.HasDeadLetters(incident) ? due!.Value : check;
        return new ReconcileResult.RequeueAfter(at > now ? at - now : TimeSpan.Zero);
    }
}
