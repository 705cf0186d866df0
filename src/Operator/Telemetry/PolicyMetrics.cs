using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Telemetry;

/// <summary>What the metrics tell of one policy, from its status.</summary>
public sealed record PolicyMetrics
{
    public required string Namespace { get; init; }

    public required string Policy { get; init; }

    public required string Hostname { get; init; }

    public required CertificateProviderKind Provider { get; init; }

    public required PolicyPhase Phase { get; init; }

    public int ConsecutiveFailures { get; init; }

    /// <summary>Null as long as there is no certificate.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    public DateTimeOffset? RenewalTime { get; init; }

    /// <summary>Whether the operator renews without being asked.</summary>
    public bool AutomaticRenewal { get; init; }

    /// <summary>Why it cannot be carried out, one word; null where it can.</summary>
    public string? Stalled { get; init; }

    public IReadOnlyList<EndpointMetrics> Endpoints { get; init; } = [];
}

/// <summary>What the last probe of one endpoint saw.</summary>
/// <param name="Endpoint"><c>host:port</c>.</param>
/// <param name="Reachable">Whether it answered.</param>
/// <param name="ServedMatch">Whether the certificate of the Secret is served; null where that is not known, since nothing answered.</param>
/// <param name="NotAfter">End of the certificate that is served; null when none was seen.</param>
public sealed record EndpointMetrics(string Endpoint, bool Reachable, bool? ServedMatch, DateTimeOffset? NotAfter);

/// <summary>Gives the policies of the moment. Called at each scrape, from any thread.</summary>
public interface IPolicyMetricsSource
{
    IEnumerable<PolicyMetrics> Read();
}
