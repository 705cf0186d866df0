using System.Net;
using CertOperator.Kubernetes;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Http01;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Options;

/// <summary>What <c>certoperator run</c> was asked to do, checked. <see cref="OptionTable"/> says how each is given.</summary>
public sealed record OperatorOptions
{
    /// <summary>Path of a kubeconfig file, or null for KUBECONFIG, in-cluster and ~/.kube/config in this order.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Context of the kubeconfig, or null for its current one.</summary>
    public string? Context { get; init; }

    /// <summary>Namespaces to work in, without duplicates; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    public IPEndPoint Http01Listen { get; init; } = new(IPAddress.Any, 8402);

    /// <summary>The operator's own Service, or null where no solver has to lead there.</summary>
    public NamespacedName? Http01Service { get; init; }

    /// <summary>Where hosts are asked for their answer to a challenge.</summary>
    public int Http01SelfCheckPort { get; init; } = Http01SelfCheck.DefaultPort;

    public IPEndPoint MetricsListen { get; init; } = new(IPAddress.Any, 9402);

    /// <summary>Whether a PrometheusRule is kept for each namespace with policies.</summary>
    public bool PrometheusRules { get; init; } = true;

    /// <summary>Whether the metrics are served to nobody but those who may get /metrics, and then by HTTPS alone.</summary>
    public bool MetricsAuth { get; init; } = true;

    /// <summary>Certificate of the metrics' port with its chain, or null for one that the operator makes.</summary>
    public string? MetricsTlsCertFile { get; init; }

    /// <summary>The key of <see cref="MetricsTlsCertFile"/>; null with it.</summary>
    public string? MetricsTlsKeyFile { get; init; }

    /// <summary>Whether Secrets that no policy manages are looked at, which takes the right to list Secrets.</summary>
    public bool Inventory { get; init; }

    /// <summary>How often they are.</summary>
    public TimeSpan InventoryInterval { get; init; } = TimeSpan.FromMinutes(10);

    public IPEndPoint HealthListen { get; init; } = new(IPAddress.Any, 8403);

    public bool LeaderElect { get; init; } = true;

    public string LeaseNamespace { get; init; } = "certoperator-system";

    public string LeaseName { get; init; } = "certoperator";

    /// <summary>Policies reconciled at once; runs have at least as many workers as may be in progress.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>Runs in progress at once.</summary>
    public int MaxRunning { get; init; } = 64;

    /// <summary>Networks that are dialled although they are inside the cluster or otherwise refused.</summary>
    public IReadOnlyList<IPNetwork> EgressAllow { get; init; } = [];

    /// <summary>Whether policies that name no credentials act at a cloud as the operator.</summary>
    public bool OwnCloudIdentity { get; init; }

    /// <summary>Resolvers for dns-01 and for the self-check of http-01, or empty for those of /etc/resolv.conf.</summary>
    public IReadOnlyList<IPEndPoint> DnsResolvers { get; init; } = [];

    /// <summary>Where authoritative name servers are asked.</summary>
    public int DnsAuthoritativePort { get; init; } = DnsServer.DefaultPort;

    /// <summary>File with the master keys, or null for a Secret that the operator makes.</summary>
    public string? MasterKeyFile { get; init; }

    /// <summary>Where master keys are decrypted.</summary>
    public MasterKeyWrappingOptions MasterKeyWrapping { get; init; } = new();

    /// <summary>How often each policy's Secret is looked at, or null to let the operator choose by the number of policies.</summary>
    public TimeSpan? SecretCheckInterval { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public LogFormat LogFormat { get; init; } = LogFormat.Json;

    /// <summary>How long steps in progress may take to finish or park after SIGTERM.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>Shape of a log line.</summary>
public enum LogFormat
{
    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>For a terminal.</summary>
    Text,
}
