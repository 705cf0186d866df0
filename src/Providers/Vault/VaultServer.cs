namespace CertOperator.Providers.Vault;

/// <summary>A Vault server, and who the operator is there.</summary>
public sealed record VaultServer
{
    /// <summary>Where the policy names the server, for advice.</summary>
    public required string Field { get; init; }

    /// <summary>Where the address is set, for advice.</summary>
    public string AddressField
    {
        get => field ?? $"{Field}.address";
        init;
    }

    public required Uri Address { get; init; }

    /// <summary>Namespace (Vault Enterprise) without slashes at its ends; null for the root.</summary>
    public string? Namespace { get; init; }

    public string? CaBundle { get; init; }

    public required VaultLogin Login { get; init; }

    /// <summary>URL of a path: what a reference to a key names. A namespace may stand in the path as well as in a header.</summary>
    public Uri UrlOf(string path) => VaultPaths.Url(Address, Namespace is null ? path : $"{Namespace}/{path}");

    /// <summary>Keeps credentials out of logs and exception texts that print the record.</summary>
    public override string ToString() => $"VaultServer {{ {Address} }}";
}
