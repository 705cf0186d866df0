using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator;

/// <summary>The policies as the metrics show them, from their status.</summary>
public sealed class PolicyMetricsSource(ResourceStores stores) : IPolicyMetricsSource
{
    public IEnumerable<PolicyMetrics> Read()
        => stores.Policies.List().Select(p => Read(p, InheritedDefaults.Fill(p, stores.SettingsOf(p.Metadata.Namespace!)).Spec));

    /// <param name="p">The policy.</param>
    /// <param name="spec">Its spec with what it inherits.</param>
    private static PolicyMetrics Read(CertificateRenewalPolicy p, PolicySpec spec)
        => new()
        {
            Namespace = p.Metadata.Namespace!,
            Policy = p.Metadata.Name,
            Hostname = p.Spec.Hostname,
            Provider = ProviderChoice.PrimaryOf(spec),
            AutomaticRenewal = AutomaticRenewal.Obstacle(p, ProviderChoice.PrimaryOf(spec)) is null,
            Phase = p.Status?.Phase ?? PolicyPhase.Idle,
            ConsecutiveFailures = p.Status?.ConsecutiveFailures ?? 0,
            NotBefore = p.Status?.NotBefore,
            NotAfter = p.Status?.NotAfter,
            RenewalTime = PolicyStatusFacts.DueSince(p.Status),
            Stalled = PolicyStatusFacts.Stalled(p.Status)?.Reason,
            Endpoints = [.. (p.Status?.Snapshot ?? []).Select(s => new EndpointMetrics(s.Endpoint, s.Reachable, s.Reachable ? s.Matches : null, s.Certificate?.NotAfter))],
        };
}
