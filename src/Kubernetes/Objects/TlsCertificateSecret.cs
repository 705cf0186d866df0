using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes;

/// <summary>A v1 Secret of type kubernetes.io/tls for those whom its certificate alone concerns: the reader passes over the key, which becomes no object.</summary>
public sealed class TlsCertificateSecret : IKubernetesObject
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Secret";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    public TlsCertificateData? Data { get; set; }
}

/// <summary>What is read of such a Secret's data.</summary>
public sealed class TlsCertificateData
{
    /// <summary>PEM, or whatever somebody has put there.</summary>
    [JsonPropertyName("tls.crt")]
    public byte[]? Certificate { get; set; }
}
