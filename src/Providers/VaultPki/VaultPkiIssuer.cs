using CertOperator.Providers.Issuance;
using CertOperator.Providers.Vault;

namespace CertOperator.Providers.VaultPki;

/// <summary>A role of a Vault PKI engine and who asks there. The engine is the place that issues.</summary>
public sealed record VaultPkiIssuer : Issuer
{
    public required VaultServer Vault { get; init; }

    /// <summary>Where the engine is mounted.</summary>
    public required string Mount { get; init; }

    public required string Role { get; init; }

    /// <summary>Lifetime to ask for; null for the role's.</summary>
    public int? DurationSeconds { get; init; }

    public override string ToString() => $"VaultPkiIssuer {{ {Server}, {Role} }}";
}
