using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.VaultPki;

namespace CertOperator.Operator.Issuers;

/// <summary>What a PKI engine of Vault is asked with.</summary>
public sealed class VaultPkiCredentials(VaultIdentities identities) : IIssuerCredentials
{
    public async Task<Issuer> ResolveAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
    {
        var resolved = (ResolvedVaultPkiIssuer)issuer;
        return new VaultPkiIssuer
        {
            Field = resolved.Field,
            Server = resolved.Server,
            Vault = await identities.ResolveAsync(@namespace, resolved.Vault, cancellationToken),
            Mount = resolved.Mount,
            Role = resolved.Role,
            DurationSeconds = resolved.DurationSeconds,
        };
    }

    public Task CheckAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
        => identities.ResolveAsync(@namespace, ((ResolvedVaultPkiIssuer)issuer).Vault, cancellationToken);
}
