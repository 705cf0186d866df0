using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Vault;

/// <summary>Makes clients of Vault servers; they share tokens and connections.</summary>
public sealed class VaultClients(EgressHttpClients http, TimeProvider timeProvider)
{
    private readonly VaultTokens _tokens = new();

    /// <exception cref="Pki.PkiException">The CA bundle cannot be read.</exception>
    public VaultClient Create(VaultServer server)
    {
        var transport = new VaultTransport(http.Get(server.CaBundle), server, timeProvider);
        return new VaultClient(transport, new VaultLogins(transport, timeProvider), _tokens);
    }
}
