using System.Text.Json.Serialization;

namespace CertOperator.Benchmarks.Bare;

/// <summary>What the bare loop is to do; handed to its process as JSON.</summary>
public sealed record BareSettings
{
    public required string Kubeconfig { get; init; }

    public required string Namespace { get; init; }

    public required string Directory { get; init; }

    /// <summary>PEM of the CA of the ACME server's HTTPS certificate.</summary>
    public required string CaPem { get; init; }

    public required int HttpPort { get; init; }

    public required int Count { get; init; }

    /// <summary>Certificates before the clock starts.</summary>
    public required int WarmUp { get; init; }

    /// <summary>False for ACME alone.</summary>
    public required bool UseKubernetes { get; init; }
}

/// <summary>Serialisation of the settings.</summary>
[JsonSerializable(typeof(BareSettings))]
public sealed partial class BareJsonContext : JsonSerializerContext;
