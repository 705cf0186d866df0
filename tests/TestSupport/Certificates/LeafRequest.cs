using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.TestSupport.Certificates;

/// <summary>What a test wants in a certificate; the defaults make a good one for a TLS server.</summary>
public sealed record LeafRequest
{
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    public LeafRequest(params string[] names) => Names = names;

    /// <summary>DNS names and IP addresses.</summary>
    public IReadOnlyList<string> Names { get; init; }

    public string? CommonName { get; init; }

    /// <summary>An hour ago if null.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>In 90 days if null.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    public bool IsAuthority { get; init; }

    /// <summary>OIDs of the extended key usage; null leaves the extension out.</summary>
    public IReadOnlyList<string>? KeyUsages { get; init; } = [ServerAuth];

    /// <summary>A new P-256 key if null.</summary>
    public AsymmetricAlgorithm? Key { get; init; }

    public IReadOnlyList<X509Extension> Extensions { get; init; } = [];
}
