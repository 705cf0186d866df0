using CertOperator.Crds.Runs;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Probing;

/// <summary>What an endpoint served.</summary>
public sealed record ProbeResult
{
    /// <summary>The endpoint as host:port.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Whether a TLS handshake was completed.</summary>
    public bool Reachable { get; init; }

    /// <summary>The certificate served, trusted or not; null when there was none.</summary>
    public CertificateFacts? Leaf { get; init; }

    /// <summary>Number of certificates that the server sent, the leaf included.</summary>
    public int ChainLength { get; init; }

    /// <summary>Such as TLSv1.3.</summary>
    public string? Protocol { get; init; }

    /// <summary>Whether a client with the system's CAs and the bundle would trust the server.</summary>
    public bool ChainTrusted { get; init; }

    /// <summary>Why such a client would not, a sentence each.</summary>
    public IReadOnlyList<string> TrustErrors { get; init; } = [];

    /// <summary>What the server staples; null where it was not asked, or staples nothing that can be seen.</summary>
    public OcspStaple? Staple { get; init; }

    /// <summary>Why there was no handshake; null when there was one.</summary>
    public string? Error { get; init; }
}
