using CertOperator.Crds.Policies;
using CertOperator.Providers.Vault;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>A Vault server and the Secrets that the credentials are in.</summary>
public sealed record ResolvedVault
{
    /// <summary>Where the policy, or the settings, say how it is reached.</summary>
    public required string Field { get; init; }

    public required Uri Address { get; init; }

    /// <summary>Without slashes at its ends; null for the root.</summary>
    public required string? Namespace { get; init; }

    public required string? CaBundle { get; init; }

    /// <summary>Exactly one of its ways in is set.</summary>
    public required VaultAuthConfig Auth { get; init; }

    /// <summary>What a path there is known by.</summary>
    public Uri UrlOf(string path) => VaultPaths.Url(Address, Namespace is null ? path : $"{Namespace}/{path}");
}

/// <summary>A role of a Vault PKI engine.</summary>
public sealed record ResolvedVaultPkiIssuer : ResolvedIssuer
{
    public required ResolvedVault Vault { get; init; }

    public required string Mount { get; init; }

    public required string Role { get; init; }

    public required int? DurationSeconds { get; init; }

    public override IEnumerable<string> RequestParts => [Role];
}

/// <summary>A key in Vault.</summary>
public sealed record ResolvedVaultKeys : ResolvedKeyBackend
{
    public required ResolvedVault Vault { get; init; }

    public required string Mount { get; init; }

    /// <summary>Name in Transit, or path in KV.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the key is a value in a KV engine, which can be read.</summary>
    public required bool IsValue { get; init; }

    public override string Identity => $"vault {Vault.UrlOf($"{Mount}/{(IsValue ? "data" : "keys")}/{Name}")}";

    public override bool KeyStays => !IsValue;
}
