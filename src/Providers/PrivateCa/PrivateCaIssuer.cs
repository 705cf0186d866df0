using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.PrivateCa;

/// <summary>A CA whose key pair is at hand.</summary>
public sealed record PrivateCaIssuer : Issuer
{
    /// <summary>Where a policy says which one.</summary>
    public const string DefaultPrivateCaField = "spec.providerConfig.privateCa";

    /// <summary>The Secret that it comes from, for messages.</summary>
    public required string SecretName { get; init; }

    /// <summary>The CA's certificate and its issuers, in PEM.</summary>
    public required string ChainPem { get; init; }

    /// <summary>The CA's private key in PEM. Secret.</summary>
    public required string KeyPem { get; init; }

    /// <summary>How long a certificate is valid, where the CA is valid that long itself.</summary>
    public required TimeSpan Lifetime { get; init; }

    public IReadOnlyList<string> CrlUrls { get; init; } = [];

    public IReadOnlyList<string> IssuerUrls { get; init; } = [];

    /// <summary>Keeps the key out of logs and exception texts that print the record.</summary>
    public override string ToString() => $"PrivateCaIssuer {{ {SecretName} }}";
}
