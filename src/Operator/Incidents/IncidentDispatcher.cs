using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Telemetry;
using CertOperator.Providers.Incidents;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Incidents;

/// <summary>Tells every receiver whose time has come, all at once.</summary>
public sealed partial class IncidentDispatcher(IncidentTargets targets, IIncidentSinks sinks, CertOperatorMetrics metrics, TimeProvider timeProvider, ILogger<IncidentDispatcher> logger)
{
    /// <param name="policy">The policy.</param>
    /// <param name="incident">As it is stored: what is sent must be known to a successor of this process.</param>
    /// <param name="settings">Those of the namespace.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    /// <returns>What became of the tries; receivers that were not tried are not there.</returns>
    public async Task<IReadOnlyList<DeliveryResult>> DeliverAsync(CertificateRenewalPolicy policy, IncidentStatus incident, IncidentSettings? settings, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var specs = IncidentSinkSpec.Of(policy.Spec, settings).ToDictionary(s => s.Id, StringComparer.Ordinal);
        var tries = (incident.Deliveries ?? [])
            .Where(d => !IncidentDeliveries.IsTold(incident, d) && (d.DeadLetter == true || d.NextTry is null || d.NextTry <= now))
            .Select(d => (Delivery: d, Spec: SpecOf(d, specs)))
            .Where(t => t.Spec is not null)
            .Select(t => TryAsync(policy, incident, t.Delivery, t.Spec!, settings, cancellationToken));
        return [.. (await Task.WhenAll(tries)).OfType<DeliveryResult>()];
    }

    /// <summary>PagerDuty closes an incident only for the key that opened it.</summary>
    private static IncidentSinkSpec? SpecOf(IncidentDelivery delivery, Dictionary<string, IncidentSinkSpec> specs)
        => delivery is { Sink: IncidentSinkSpec.PagerDuty.SinkId, Revision: not null, SecretName: { } secret }
            ? new IncidentSinkSpec.PagerDuty(secret, delivery.Endpoint)
            : specs.GetValueOrDefault(delivery.Sink);

    private async Task<DeliveryResult?> TryAsync(CertificateRenewalPolicy policy, IncidentStatus incident, IncidentDelivery delivery, IncidentSinkSpec spec, IncidentSettings? settings, CancellationToken cancellationToken)
    {
        var @namespace = policy.Metadata.Namespace!;
        var receiver = $"{@namespace}/{(spec is IncidentSinkSpec.Mail ? spec.Kind : spec.Id)}";
        if (delivery.DeadLetter != true && sinks.LeftAloneFor(receiver) is { } rest)
        {
            // Many incidents may wait for one receiver that is down: their Secrets are not read for nothing.
            return Report(policy, new DeliveryOutcome.Postponed(rest), null);
        }

        ResolvedTarget resolved;
        try
        {
            resolved = await targets.ResolveAsync(@namespace, spec, cancellationToken);
        }
        catch (KubernetesException e)
        {
            return Report(policy, new DeliveryOutcome.Retry(e.Message, null), null);
        }

        if (delivery.DeadLetter == true && delivery.Configuration == resolved.Configuration)
        {
            return null;
        }

        var outcome = resolved.Target is { } target
            ? await sinks.DeliverAsync(receiver, target, IncidentNotices.For(policy, incident, delivery, settings), cancellationToken)
            : new DeliveryOutcome.Refused(resolved.Problem!);
        return Report(policy, outcome, resolved.Configuration);

        DeliveryResult Report(CertificateRenewalPolicy about, DeliveryOutcome ended, string? configuration)
        {
            var result = new DeliveryResult(incident.DedupKey, delivery.Sink, incident.Revision, IncidentDeliveries.RevisionAfter(incident, delivery), ended, configuration);
            Tell(about, spec, result, delivery.Attempts ?? 0);
            return result;
        }
    }

    private void Tell(CertificateRenewalPolicy policy, IncidentSinkSpec spec, DeliveryResult result, int failedBefore)
    {
        switch (result.Outcome)
        {
            case DeliveryOutcome.Delivered:
                metrics.IncidentDelivered(spec.Kind, DeliveryResults.Delivered);
                LogDelivered(policy.Metadata.Namespace, policy.Metadata.Name, spec.Id, result.RevisionAfter);
                break;

            case DeliveryOutcome.Retry retry when failedBefore + 1 < Crds.Rules.DeliveryBackoff.MaxAttempts:
                metrics.IncidentDelivered(spec.Kind, DeliveryResults.Failed);
                LogFailed(policy.Metadata.Namespace, policy.Metadata.Name, spec.Id, retry.Message);
                break;

            case DeliveryOutcome.Retry retry:
                metrics.IncidentDelivered(spec.Kind, DeliveryResults.DeadLetter);
                LogGivenUp(policy.Metadata.Namespace, policy.Metadata.Name, spec.Id, retry.Message);
                break;

            case DeliveryOutcome.Refused refused:
                metrics.IncidentDelivered(spec.Kind, DeliveryResults.DeadLetter);
                LogGivenUp(policy.Metadata.Namespace, policy.Metadata.Name, spec.Id, refused.Message);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Incident of policy {Namespace}/{Policy}: {Sink} has taken revision {Revision}")]
    private partial void LogDelivered(string? @namespace, string policy, string sink, int revision);

    [LoggerMessage(2, LogLevel.Warning, "Incident of policy {Namespace}/{Policy}: {Sink} was not told and is tried again: {Message}")]
    private partial void LogFailed(string? @namespace, string policy, string sink, string message);

    [LoggerMessage(3, LogLevel.Error, "Incident of policy {Namespace}/{Policy}: {Sink} cannot be told until something changes: {Message}")]
    private partial void LogGivenUp(string? @namespace, string policy, string sink, string message);
}
