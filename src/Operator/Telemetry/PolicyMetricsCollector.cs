using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Telemetry;

/// <summary>
/// The series of each policy. Nothing is stored between scrapes: they are right at once after a restart and end with the policy.
/// </summary>
public sealed class PolicyMetricsCollector(IPolicyMetricsSource source) : IMetricCollector
{
    private static readonly string[] Certificate = ["namespace", "policy", "hostname", "provider"];
    private static readonly string[] Endpoint = ["namespace", "policy", "endpoint"];
    private static readonly string[] Policy = ["namespace", "policy"];
    private static readonly string[] Phase = ["namespace", "policy", "phase"];
    private static readonly string[] Stalled = ["namespace", "policy", "reason"];
    private static readonly string[] Provider = ["namespace", "policy", "provider"];

    private static readonly IReadOnlyList<(MetricDescription Description, Action<PolicySamples, PolicyMetrics> Write)> Families =
    [
        (Gauge("certificate_not_before_timestamp_seconds", "Start of the validity of the certificate in the Secret, in Unix time.", Certificate),
            (s, p) => s.Time(p.NotBefore, p.Namespace, p.Policy, p.Hostname, LabelNames<CertificateProviderKind>.Of(p.Provider))),
        (Gauge("certificate_not_after_timestamp_seconds", "End of the validity of the certificate in the Secret, in Unix time.", Certificate),
            (s, p) => s.Time(p.NotAfter, p.Namespace, p.Policy, p.Hostname, LabelNames<CertificateProviderKind>.Of(p.Provider))),
        (Gauge("certificate_renewal_timestamp_seconds", "When the certificate was or is due for renewal, in Unix time; it does not move where a window of spec.windows was missed.", Certificate),
            (s, p) => s.Time(p.RenewalTime, p.Namespace, p.Policy, p.Hostname, LabelNames<CertificateProviderKind>.Of(p.Provider))),
        (Gauge("policy_automatic_renewal", "1 where the operator renews without being asked; 0 where the provider is manual, the policy is suspended or only rehearses, or a rollback holds renewal.", Policy),
            (s, p) => s.Write(p.AutomaticRenewal ? 1 : 0, p.Namespace, p.Policy)),
        (Gauge("policy_stalled", "1 where the policy cannot be carried out, with the reason of its condition Stalled; absent where it can.", Stalled), WriteStalled),
        (Gauge("policy_phase", "1 for the phase that the policy is in, 0 for the others.", Phase), WritePhases),
        (Gauge("policy_consecutive_failures", "Runs that failed since the last one that succeeded.", Provider),
            (s, p) => s.Write(p.ConsecutiveFailures, p.Namespace, p.Policy, LabelNames<CertificateProviderKind>.Of(p.Provider))),
        (Gauge("endpoint_reachable", "Whether the endpoint answered when it was last asked for its certificate.", Endpoint), WriteReachable),
        (Gauge("endpoint_served_match", "Whether the endpoint serves the certificate in the Secret; there is none where it did not answer.", Endpoint), WriteMatches),
        (Gauge("endpoint_not_after_timestamp_seconds", "End of the validity of the certificate that the endpoint serves, in Unix time.", Endpoint), WriteEnds),
    ];

    public IReadOnlyList<MetricDescription> Descriptions { get; } = [.. Families.Select(f => f.Description)];

    public IEnumerable<IMetricFamily> Collect()
    {
        // All families of one scrape tell of the same moment.
        PolicyMetrics[] policies = [.. source.Read()];
        return Families.Select(f => new Family(f.Description, policies, f.Write));
    }

    private static MetricDescription Gauge(string name, string help, string[] labels) =>
        new(CertOperatorMetrics.Prefix + name, "gauge", help, labels);

    private static void WriteStalled(PolicySamples samples, PolicyMetrics policy)
    {
        if (policy.Stalled is { } reason)
        {
            samples.Write(1, policy.Namespace, policy.Policy, reason);
        }
    }

    private static void WritePhases(PolicySamples samples, PolicyMetrics policy)
    {
        foreach (var phase in LabelNames<PolicyPhase>.Members)
        {
            samples.Write(phase == policy.Phase ? 1 : 0, policy.Namespace, policy.Policy, LabelNames<PolicyPhase>.Of(phase));
        }
    }

    private static void WriteReachable(PolicySamples samples, PolicyMetrics policy)
    {
        foreach (var endpoint in policy.Endpoints)
        {
            samples.Write(endpoint.Reachable ? 1 : 0, policy.Namespace, policy.Policy, endpoint.Endpoint);
        }
    }

    private static void WriteMatches(PolicySamples samples, PolicyMetrics policy)
    {
        foreach (var endpoint in policy.Endpoints)
        {
            if (endpoint.ServedMatch is { } match)
            {
                samples.Write(match ? 1 : 0, policy.Namespace, policy.Policy, endpoint.Endpoint);
            }
        }
    }

    private static void WriteEnds(PolicySamples samples, PolicyMetrics policy)
    {
        foreach (var endpoint in policy.Endpoints)
        {
            samples.Time(endpoint.NotAfter, policy.Namespace, policy.Policy, endpoint.Endpoint);
        }
    }

    private sealed class Family(MetricDescription description, PolicyMetrics[] policies, Action<PolicySamples, PolicyMetrics> write) : IMetricFamily
    {
        public MetricDescription Description => description;

        public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
        {
            writer.Family(description.Name, description.Type, description.Help);
            var samples = new PolicySamples(writer, description);
            foreach (var policy in policies)
            {
                write(samples, policy);
                yield return writer;
            }
        }
    }

    private sealed class PolicySamples(MetricTextWriter writer, MetricDescription description)
    {
        private readonly string[] _labels = [.. description.Labels];

        public void Write(double value, params ReadOnlySpan<string> labelValues) =>
            writer.Sample(description.Name, _labels, labelValues, value);

        /// <summary>No sample for a time that is not known: 0 would be 1970 and fire every expiry alert.</summary>
        public void Time(DateTimeOffset? time, params ReadOnlySpan<string> labelValues)
        {
            if (time is { } known)
            {
                Write(known.ToUnixTimeMilliseconds() / 1000.0, labelValues);
            }
        }
    }
}
