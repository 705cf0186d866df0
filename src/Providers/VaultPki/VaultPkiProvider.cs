using System.Net;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Vault;

namespace CertOperator.Providers.VaultPki;

/// <summary>Has requests signed by a role of a Vault PKI engine. There is no order: one request, one certificate.</summary>
public sealed class VaultPkiProvider(VaultClients clients) : ICertificateProvider
{
    public ProviderTraits Traits { get; } = new(PlacesOrders: false, ProvesControl: false, MakesKey: false);

    public async Task<string> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        await clients.Create(issuer.Vault).LogInAsync(cancellationToken);
        return $"Vault at {issuer.Vault.Address.Authority} has let the operator in; role {issuer.Role} of {issuer.Mount} is to sign.";
    }

    public Task<OrderPlacement> PlaceOrderAsync(IssuanceRequest request, bool mayExist, Func<string, bool> isTaken, CancellationToken cancellationToken) => throw NoOrders();

    public Task<OrderPlacement?> FindOrderAsync(IssuanceRequest request, string url, CancellationToken cancellationToken) => throw NoOrders();

    public Task<IssuanceProgress> SolveAsync(IssuanceRequest request, OrderSession session, CancellationToken cancellationToken) => throw NoOrders();

    public async Task<IssuanceProgress> FinalizeAsync(IssuanceRequest request, OrderSession session, Func<CancellationToken, Task<byte[]>> createSigningRequest, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        var role = new VaultPkiRole(clients.Create(issuer.Vault), issuer.Mount, issuer.Role);
        return new IssuanceProgress.Issued(await role.SignAsync(await createSigningRequest(cancellationToken), request.Names, issuer.DurationSeconds, cancellationToken));
    }

    public Task CancelAsync(IssuanceRequest request, RunOrder order, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<IReadOnlyList<ProviderCheck>> CheckAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        var vault = clients.Create(issuer.Vault);
        var role = new VaultPkiRole(vault, issuer.Mount, issuer.Role);
        await vault.LogInAsync(cancellationToken);
        var permissions = await VaultNeed.CheckAsync(vault, [new VaultNeed(role.SignPath, "update")], cancellationToken);
        return
        [
            new ProviderCheck("Authority", issuer.Vault.Address.Authority, true, "Vault is unsealed and has let the operator in."),
            .. permissions.Select(p => new ProviderCheck("Permission", p.Permission, p.Granted, p.Evidence)),
            await CheckRoleAsync(vault, role, cancellationToken),
        ];
    }

    /// <summary>Whether the role is there, as far as the operator may look: it needs no such right to have something signed.</summary>
    private static async Task<ProviderCheck> CheckRoleAsync(VaultClient vault, VaultPkiRole role, CancellationToken cancellationToken)
    {
        var answer = await vault.SendAsync(VaultCall.Read(role.RolePath, HttpStatusCode.NotFound, HttpStatusCode.Forbidden), cancellationToken);
        return answer.Status switch
        {
            HttpStatusCode.NotFound => new ProviderCheck("Authority", role.RolePath, false, $"There is no such role. Make it, or correct {vault.Server.Field}.mount and role."),
            HttpStatusCode.Forbidden => new ProviderCheck("Authority", role.RolePath, null, $"The operator may not look at the role, and need not. {VaultFailures.Grant(role.RolePath, "read")} would let it."),
            _ => new ProviderCheck("Authority", role.RolePath, true, "The role is there. Whether it allows the names shows when it signs."),
        };
    }

    private static VaultPkiIssuer IssuerOf(IssuanceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (VaultPkiIssuer)request.Issuer;
    }

    private static InvalidOperationException NoOrders() => new("A PKI engine of Vault has no orders, and asks for no proof.");
}
