using CertOperator.Crds.Policies;

namespace CertOperator.Providers.Probing;

/// <summary>What to probe.</summary>
public sealed record ProbeTarget
{
    /// <summary>The host to resolve and dial, and the name that the certificate has to hold unless <see cref="ServerName"/> is set.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>The name for SNI and for the certificate, if not the host; for a wildcard, one name under it.</summary>
    public string? ServerName { get; init; }

    /// <summary>Dialled instead of the host; its own port counts where it has one, see <see cref="EndpointAddress.TryParse"/>.</summary>
    public string? ConnectTo { get; init; }

    /// <summary>How the server is asked for TLS; null where TLS comes first.</summary>
    public StartTlsProtocol? StartTls { get; init; }

    /// <summary>CAs to trust besides the system's, in PEM.</summary>
    public string? CaBundlePem { get; init; }

    /// <summary>Whether to look at the OCSP response that the server staples, which costs a second connection where the certificate names a responder.</summary>
    public bool WithStaple { get; init; }

    /// <summary>Time for the whole probe; 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
