namespace CertOperator.EndToEnd.Harness;

/// <summary>How an operator of a test is started.</summary>
public sealed record OperatorSettings
{
    /// <summary><value>That of the proxy in front of the API server.</value></summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Where challenges are answered on 127.0.0.1. <value>Where Pebble asks for them, or any where a <see cref="Http01Service"/> stands there.</value></summary>
    public int? Http01Port { get; init; }

    /// <summary>Without leader election an operator starts to work at once, also after another one was killed.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>Its own namespace, with the Lease and the master key. <value>That of the test.</value></summary>
    public string? LeaseNamespace { get; init; }

    /// <summary>Whether the metrics are served to nobody but those who may read them, and by HTTPS.</summary>
    public bool MetricsAuth { get; init; }

    /// <summary>Namespaces that it sees besides that of the test.</summary>
    public IReadOnlyList<string> FurtherNamespaces { get; init; } = [];

    /// <summary>Further flags.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether to wait until it has read all objects. <value>true.</value></summary>
    public bool WaitUntilReady { get; init; } = true;
}
