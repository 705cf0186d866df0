namespace CertOperator.Providers.Vault;

/// <summary>Something that the operator's policy in Vault has to grant.</summary>
/// <param name="Path">As a Vault policy writes it.</param>
/// <param name="Capability">Such as update.</param>
/// <param name="Otherwise">What happens without it; null where nothing works without it.</param>
internal sealed record VaultNeed(string Path, string Capability, string? Otherwise = null)
{
    /// <summary>Asks Vault what the token may do; nothing is tried.</summary>
    public static async Task<IReadOnlyList<VaultPermission>> CheckAsync(VaultClient vault, IReadOnlyList<VaultNeed> needs, CancellationToken cancellationToken)
    {
        var paths = needs.Select(n => n.Path).Distinct().ToList();
        var found = await vault.FindCapabilitiesAsync(paths, cancellationToken);
        if (found is not null && needs.Any(n => n.Judge(found[n.Path]).Granted == false) && await vault.TryLogInAgainAsync(cancellationToken))
        {
            found = await vault.FindCapabilitiesAsync(paths, cancellationToken);
        }

        return [.. needs.Select(n => n.Judge(found?[n.Path]))];
    }

    private VaultPermission Judge(IReadOnlyList<string>? granted)
    {
        var permission = $"{Capability} on {Path}";
        if (granted is null)
        {
            return new VaultPermission(permission, null, $"The token may not ask what it may do. {VaultFailures.Grant("sys/capabilities-self", "update")} in its policy would let it; Vault's own policy default has that.");
        }

        if (granted.Contains("root") || granted.Contains(Capability))
        {
            return new VaultPermission(permission, true, $"Vault grants {string.Join(", ", granted)}.");
        }

        return Otherwise is null
            ? new VaultPermission(permission, false, $"Add to the Vault policy: {VaultFailures.Grant(Path, Capability)}")
            : new VaultPermission(permission, null, $"Not granted. {Otherwise} {VaultFailures.Grant(Path, Capability)} would grant it.");
    }
}

/// <summary>Whether something is granted.</summary>
/// <param name="Permission">Such as update on a path.</param>
/// <param name="Granted">Null where that is not known, or nothing depends on it.</param>
/// <param name="Evidence">What was seen and what to do: a sentence.</param>
internal sealed record VaultPermission(string Permission, bool? Granted, string Evidence);
