using CertOperator.Crds.Runs;

namespace CertOperator.Providers.Issuance;

/// <summary>
/// A place that issues certificates. Calls advance an order as far as it goes without waiting and say when to call again.
/// Every refusal is an <see cref="IssuanceException"/>. What a provider keeps in memory only saves requests: all of it can be asked again.
/// </summary>
public interface ICertificateProvider
{
    /// <summary>Which steps there are with this provider.</summary>
    ProviderTraits Traits { get; }

    /// <summary>Makes sure that a certificate can be asked for: the server answers, and the credentials are good.</summary>
    /// <returns>A sentence for the run's log.</returns>
    Task<string> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken);

    /// <summary>Places an order, or finds the one that an interrupted try has placed. Not called where the provider has none.</summary>
    /// <param name="request">What is ordered.</param>
    /// <param name="mayExist">True where an earlier try may have placed an order without the answer being stored.</param>
    /// <param name="isTaken">Whether an order URL belongs to another run.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <returns>The order, also where it was placed and something after that failed: whoever lost it would place another.</returns>
    Task<OrderPlacement> PlaceOrderAsync(IssuanceRequest request, bool mayExist, Func<string, bool> isTaken, CancellationToken cancellationToken);

    /// <summary>An order that was placed before, as it is now; null where the CA does not know it any more.</summary>
    Task<OrderPlacement?> FindOrderAsync(IssuanceRequest request, string url, CancellationToken cancellationToken);

    /// <summary>Has the challenges of the order validated. Not called where the provider asks for no proof.</summary>
    Task<IssuanceProgress> SolveAsync(IssuanceRequest request, OrderSession session, CancellationToken cancellationToken);

    /// <summary>Has the certificate issued and fetches it.</summary>
    /// <param name="request">What is ordered.</param>
    /// <param name="session">What is known of the order; without content where the provider has none.</param>
    /// <param name="createSigningRequest">Makes the CSR; called only when it is needed, and never where the provider makes the key.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    Task<IssuanceProgress> FinalizeAsync(IssuanceRequest request, OrderSession session, Func<CancellationToken, Task<byte[]>> createSigningRequest, CancellationToken cancellationToken);

    /// <summary>Gives up what an unfinished order holds at the CA. Best effort.</summary>
    Task CancelAsync(IssuanceRequest request, RunOrder order, CancellationToken cancellationToken);

    /// <summary>Whether a certificate could be had, asked for a dry run: without any effect.</summary>
    Task<IReadOnlyList<ProviderCheck>> CheckAsync(IssuanceRequest request, CancellationToken cancellationToken);
}
