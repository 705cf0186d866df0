using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator;

/// <summary>The policies as the metrics show them, from their status.</summary>
public sealed class PolicyMetricsSource(ObjectStore<CertificateRenewalPolicy> policies) : IPolicyMetricsSource
{
    public IEnumerable<PolicyMetrics> Read()
        => policies.List().Select(p => new PolicyMetrics
        {
            Namespace = p.Metadata.Namespace!,
            Policy = p.Metadata.Name,
            Hostname = p.Spec.Hostname,
            Provider = p.Spec.Provider ?? CertificateProviderKind.LetsEncrypt,
            Phase = p.Status?.Phase ?? PolicyPhase.Idle,
            ConsecutiveFailures = p.Status?.ConsecutiveFailures ?? 0,
            NotBefore = p.Status?.NotBefore,
            NotAfter = p.Status?.NotAfter,
            RenewalTime = p.Status?.RenewalTime,
            Endpoints = [.. (p.Status?.Snapshot ?? []).Select(s => new EndpointMetrics(s.Endpoint, s.Matches, s.Certificate?.NotAfter))],
        });
}
