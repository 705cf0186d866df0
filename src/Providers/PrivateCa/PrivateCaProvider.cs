using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.PrivateCa;

/// <summary>Signs with a CA key that is at hand: no order, no proof of control, and the answer at once.</summary>
public sealed class PrivateCaProvider(TimeProvider time) : ICertificateProvider
{
    public ProviderTraits Traits { get; } = new(PlacesOrders: false, ProvesControl: false, MakesKey: false);

    public Task<string> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        using var authority = Open(request);
        return Task.FromResult($"CA {authority.Name}, valid until {authority.NotAfter:yyyy-MM-dd HH:mm} UTC, may issue for the names.");
    }

    public Task<OrderPlacement> PlaceOrderAsync(IssuanceRequest request, bool mayExist, Func<string, bool> isTaken, CancellationToken cancellationToken) => throw NoOrders();

    public Task<OrderPlacement?> FindOrderAsync(IssuanceRequest request, string url, CancellationToken cancellationToken) => throw NoOrders();

    public Task<IssuanceProgress> SolveAsync(IssuanceRequest request, OrderSession session, CancellationToken cancellationToken) => throw NoOrders();

    public async Task<IssuanceProgress> FinalizeAsync(IssuanceRequest request, OrderSession session, Func<CancellationToken, Task<byte[]>> createSigningRequest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(createSigningRequest);
        var signingRequest = await createSigningRequest(cancellationToken);
        using var authority = Open(request);
        var leaf = LeafSigner.Sign(authority, (PrivateCaIssuer)request.Issuer, request, signingRequest, time.GetUtcNow());
        return new IssuanceProgress.Issued(leaf + authority.IntermediatesPem);
    }

    public Task CancelAsync(IssuanceRequest request, RunOrder order, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<ProviderCheck>> CheckAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        using var authority = Open(request);
        var lifetime = ((PrivateCaIssuer)request.Issuer).Lifetime;
        var cut = authority.NotAfter < time.GetUtcNow() + lifetime;
        return Task.FromResult<IReadOnlyList<ProviderCheck>>(
        [
            new ProviderCheck(
                "Authority",
                authority.Name,
                true,
                $"The CA is valid until {authority.NotAfter:yyyy-MM-dd HH:mm} UTC{(cut ? ", before a certificate of the wanted lifetime would end, so it is cut to that" : "")}. Its constraints permit {string.Join(", ", request.Names)}."),
        ]);
    }

    private CertificateAuthority Open(IssuanceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var authority = CertificateAuthority.Open((PrivateCaIssuer)request.Issuer, time.GetUtcNow());
        try
        {
            authority.CheckNames(request.Names);
            return authority;
        }
        catch (IssuanceException)
        {
            authority.Dispose();
            throw;
        }
    }

    private static InvalidOperationException NoOrders() => new("A private CA takes no orders.");
}
