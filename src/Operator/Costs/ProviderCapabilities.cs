using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Costs;

/// <summary>What a provider can issue, as its public documentation says; all of it in one table.</summary>
public sealed record ProviderCapabilities
{
    private static readonly KeyBackendKind[] AnyBackend = [KeyBackendKind.Local, KeyBackendKind.Vault, KeyBackendKind.AwsKms];

    /// <summary>Of a provider that makes the key itself, there is nothing to sign elsewhere.</summary>
    private static readonly KeyBackendKind[] OwnKey = [KeyBackendKind.Local];

    private static readonly ChallengeKind[] HttpOrDns = [ChallengeKind.Http01, ChallengeKind.Dns01];

    private static readonly Dictionary<CertificateProviderKind, ProviderCapabilities> Table = new()
    {
        // https://letsencrypt.org/docs/challenge-types/, https://letsencrypt.org/docs/profiles/
        [CertificateProviderKind.LetsEncrypt] = new() { Challenges = HttpOrDns, KeyBackends = AnyBackend, Addresses = true, AddressProfile = "shortlived" },

        // RFC 8555, section 7.1.3, for wildcards; RFC 8738, section 7, for addresses.
        [CertificateProviderKind.Acme] = new() { Challenges = HttpOrDns, KeyBackends = AnyBackend, Addresses = true },

        // https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
        [CertificateProviderKind.AwsAcm] = new() { Challenges = [ChallengeKind.Dns01], KeyBackends = OwnKey },

        // https://cloud.google.com/certificate-manager/docs/domain-authorization
        [CertificateProviderKind.GcpCm] = new() { Challenges = [ChallengeKind.Dns01], KeyBackends = OwnKey },

        // These ask for no proof; what they issue is up to the role, the CA or the person.
        [CertificateProviderKind.VaultPki] = new() { Challenges = [], KeyBackends = AnyBackend, Addresses = true },
        [CertificateProviderKind.PrivateCa] = new() { Challenges = [], KeyBackends = AnyBackend, Addresses = true },
        [CertificateProviderKind.Manual] = new() { Challenges = [], KeyBackends = AnyBackend, Addresses = true },
    };

    /// <summary>Ways in which the provider has control over a name proven; empty where it asks for no proof.</summary>
    public required IReadOnlyList<ChallengeKind> Challenges { get; init; }

    /// <summary>Where the certificate's key may live.</summary>
    public required IReadOnlyList<KeyBackendKind> KeyBackends { get; init; }

    /// <summary>Whether it issues for IP addresses.</summary>
    public bool Addresses { get; init; }

    /// <summary>The only certificate profile in which it issues for IP addresses; null where any will do.</summary>
    public string? AddressProfile { get; init; }

    public static ProviderCapabilities Of(CertificateProviderKind provider) => Table[provider];
}
