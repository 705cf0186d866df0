using CertOperator.Crds.Runs;

namespace CertOperator.Providers.Issuance;

/// <summary>
/// A place that issues certificates. Calls advance an order as far as it goes without waiting and say when to call again.
/// Every refusal is an <see cref="IssuanceException"/>. What a provider keeps in memory only saves requests: all of it can be asked again.
/// </summary>
public interface ICertificateProvider
{
    /// <summary>What the CA says of itself now, for everyone to read.</summary>
    Task<AuthorityDescription> DescribeAsync(Uri server, string? caBundle, CancellationToken cancellationToken);

    /// <summary>Asks the CA for the account, whatever is remembered of it, and registers none.</summary>
    /// <returns>A sentence for a report; null where the CA does not know the account's key.</returns>
    Task<string?> FindAccountAsync(AcmeIssuer issuer, CancellationToken cancellationToken);

    /// <summary>Makes sure that orders can be placed: the server answers and the account exists.</summary>
    /// <returns>A sentence for the run's log.</returns>
    Task<string> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken);

    /// <summary>Places an order, or finds the one that an interrupted try has placed.</summary>
    /// <param name="request">What is ordered.</param>
    /// <param name="mayExist">True where an earlier try may have placed an order without the answer being stored.</param>
    /// <param name="isTaken">Whether an order URL belongs to another run.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <returns>The order, also where it was placed and something after that failed: whoever lost it would place another.</returns>
    Task<OrderPlacement> PlaceOrderAsync(IssuanceRequest request, bool mayExist, Func<string, bool> isTaken, CancellationToken cancellationToken);

    /// <summary>An order that was placed before, as it is now; null where the CA does not know it any more.</summary>
    Task<OrderPlacement?> FindOrderAsync(IssuanceRequest request, string url, CancellationToken cancellationToken);

    /// <summary>Has the challenges of the order validated.</summary>
    Task<IssuanceProgress> SolveAsync(IssuanceRequest request, OrderSession session, CancellationToken cancellationToken);

    /// <summary>Has the certificate issued and fetches it.</summary>
    /// <param name="request">What is ordered.</param>
    /// <param name="session">What is known of the order.</param>
    /// <param name="createSigningRequest">Makes the CSR; called only when it is needed.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    Task<IssuanceProgress> FinalizeAsync(IssuanceRequest request, OrderSession session, Func<byte[]> createSigningRequest, CancellationToken cancellationToken);

    /// <summary>Gives up what an unfinished order holds at the CA. Best effort.</summary>
    Task CancelAsync(IssuanceRequest request, RunOrder order, CancellationToken cancellationToken);

    /// <summary>When the CA suggests to renew a certificate (RFC 9773); null where it does not say.</summary>
    Task<RenewalSuggestion?> SuggestRenewalAsync(Uri server, string? caBundle, string certificateId, CancellationToken cancellationToken);
}
