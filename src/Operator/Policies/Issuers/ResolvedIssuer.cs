using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>Where certificates come from and the Secrets that the credentials are in.</summary>
public abstract record ResolvedIssuer
{
    public required CertificateProviderKind Provider { get; init; }

    /// <summary>Where the policy says how this provider is asked, or may say so; messages name fields by it.</summary>
    public required string Field { get; init; }

    /// <summary>What the place is known by: certificates of another one are none of this policy's.</summary>
    public required Uri Server { get; init; }

    /// <summary>What people call the place.</summary>
    public virtual string PlaceName => Server.Host;

    /// <summary>Whether the provider makes the private key and keeps it.</summary>
    public virtual bool KeyStays => false;

    /// <summary>Whether the provider renews a certificate before it is asked to, so that a run has only to fetch it.</summary>
    public virtual bool RenewsItself => false;

    /// <summary>What else tells a request there from another.</summary>
    public abstract IEnumerable<string> RequestParts { get; }
}

/// <summary>An ACME certificate authority and the account that is used there.</summary>
public sealed record ResolvedAcmeIssuer : ResolvedIssuer
{
    /// <summary>Where a dry run places its order; null where the CA has no endpoint for that.</summary>
    public Uri? StagingServer { get; init; }

    public required string? Email { get; init; }

    public required string? CaBundle { get; init; }

    public required ExternalAccountBindingConfig? ExternalAccount { get; init; }

    public required string AccountSecretName { get; init; }

    public required string? PreferredChain { get; init; }

    public required string? Profile { get; init; }

    public required bool UseRenewalInfo { get; init; }

    public override IEnumerable<string> RequestParts => [AccountSecretName, Profile ?? ""];
}
