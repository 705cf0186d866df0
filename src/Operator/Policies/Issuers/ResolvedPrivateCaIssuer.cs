using CertOperator.Providers.PrivateCa;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>A CA whose key pair is in a Secret of the policy's namespace.</summary>
public sealed record ResolvedPrivateCaIssuer : ResolvedIssuer
{
    public required string SecretName { get; init; }

    public required TimeSpan Lifetime { get; init; }

    public required IReadOnlyList<string> CrlUrls { get; init; }

    public required IReadOnlyList<string> IssuerUrls { get; init; }

    /// <summary>How the operator looks after the CA; null where a person does.</summary>
    public required PrivateRoot? Root { get; init; }

    public override string PlaceName => $"the CA in Secret {SecretName}";

    public override IEnumerable<string> RequestParts => [$"{Lifetime.TotalSeconds}", .. CrlUrls, .. IssuerUrls];
}

/// <summary>How a CA is made and renewed.</summary>
/// <param name="CommonName">Common name.</param>
/// <param name="Lifetime">How long it is valid.</param>
/// <param name="RenewAfter">Age at which a new one is made.</param>
/// <param name="TrustDelay">How long the bundle holds a new one before it signs.</param>
/// <param name="BundleName">The ConfigMap with what is to be trusted.</param>
/// <param name="Domains">What it may issue for; none for any.</param>
public sealed record PrivateRoot(string CommonName, TimeSpan Lifetime, TimeSpan RenewAfter, TimeSpan TrustDelay, string BundleName, IReadOnlyList<string> Domains)
{
    public RootPair CreatePair(DateTimeOffset now) => RootCertificates.Create(CommonName, Lifetime, Domains, now);
}
