using CertOperator.Operator.Issuers;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Keys.Vault;
using CertOperator.Providers.Vault;

namespace CertOperator.Operator.Keys;

/// <summary>Opens keys in Vault.</summary>
public sealed class VaultKeySource(VaultIdentities identities, VaultClients clients) : IKeyBackendSource
{
    public async Task<IKeyBackend> OpenAsync(string @namespace, ResolvedKeyBackend backend, CancellationToken cancellationToken)
    {
        var keys = (ResolvedVaultKeys)backend;
        var vault = clients.Create(await identities.ResolveAsync(@namespace, keys.Vault, cancellationToken));
        return keys.IsValue ? new VaultKvKeys(vault, keys.Mount, keys.Name) : new VaultTransitKeys(vault, keys.Mount, keys.Name);
    }
}
