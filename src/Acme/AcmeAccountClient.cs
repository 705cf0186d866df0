using System.Runtime.CompilerServices;
using System.Text.Json;

namespace CertOperator.Acme;

/// <summary>
/// The operations of one account. Light: made anew from key and URL whenever needed; the nonce pool lies in the <see cref="AcmeClient"/> it came from.
/// After <see cref="RollOverKeyAsync"/> or <see cref="DeactivateAsync"/> it is of no more use. Errors are those of <see cref="AcmeClient"/>.
/// </summary>
public sealed class AcmeAccountClient
{
    // Pages are as small as three orders; a list that is longer than this is broken.
    private const int MaxOrderPages = 10_000;

    private readonly AcmeSession _session;
    private readonly AccountKey _key;
    private readonly JwsKeyReference _keyReference;

    internal AcmeAccountClient(AcmeSession session, AccountKey key, Uri url)
    {
        _session = session;
        _key = key;

        // As the server spelt it: a "kid" is compared as a string, and Uri would drop a default port.
        _keyReference = JwsKeyReference.ById(url.OriginalString);
        Url = url;
    }

    public Uri Url { get; }

    public async Task<AcmeAccount> GetAsync(CancellationToken ct) =>
        _session.Reader.Account(await GetAsync(Url, AcmeActions.Account, ct), Url);

    /// <summary>Replaces the contact URLs (RFC 8555 section 7.3.2).</summary>
    public async Task<AcmeAccount> UpdateAsync(IReadOnlyList<string> contacts, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(contacts);
        var response = await PostAsync(Url, AcmeActions.Account, w => Payloads.Contacts(w, contacts), ct);
        return _session.Reader.Account(response, Url);
    }

    /// <summary>Ends the account for good (section 7.3.6).</summary>
    public async Task<AcmeAccount> DeactivateAsync(CancellationToken ct) =>
        _session.Reader.Account(await PostAsync(Url, AcmeActions.Account, Payloads.Deactivated, ct), Url);

    /// <summary>
    /// Moves the account to another key (section 7.3.5). Persist the new key before, and decide by <see cref="GetAsync(CancellationToken)"/> with
    /// either key which one holds when the outcome is unknown. <see cref="AcmeErrorKind.KeyInUse"/> when another account has that key.
    /// </summary>
    public async Task RollOverKeyAsync(AccountKey newKey, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(newKey);
        var url = (await _session.GetDirectoryAsync(ct)).KeyChange ?? throw AcmeClient.NotOffered("keyChange");
        using var payload = Jws.WritePayload(w => Payloads.KeyChange(w, _keyReference.KeyId!, _key));

        // The inner JWS shows that the new key is ours: signed by it, no nonce, same URL.
        var inner = Jws.Serialize(newKey, JwsKeyReference.ByJwk(newKey), nonce: null, url, payload.Written);
        await _session.PostSignedAsync(_key, _keyReference, url, AcmeActions.KeyChange, inner, "application/json", ct);
    }

    /// <summary>
    /// The account's orders (section 7.1.2.1), page after page as the server lists them; RFC 8555 gives no order and lets servers leave out
    /// what they like. <paramref name="ordersUrl"/> is <see cref="AcmeAccount.Orders"/>.
    /// </summary>
    public async IAsyncEnumerable<Uri> ListOrdersAsync(Uri ordersUrl, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(ordersUrl);
        var seen = new HashSet<Uri>();
        for (var page = ordersUrl; page is not null;)
        {
            if (!seen.Add(page) || seen.Count > MaxOrderPages)
            {
                throw new AcmeProtocolException($"The list of orders at {ordersUrl.GetLeftPart(UriPartial.Path)} does not end: a page comes twice, or there are over {MaxOrderPages}.");
            }

            var response = await GetAsync(page, AcmeActions.Orders, ct);
            foreach (var order in _session.Reader.OrderList(response))
            {
                yield return order;
            }

            page = LinkHeader.Targets(response.Links, "next").Select(l => _session.Urls.FromHeader(response.Url, l)).FirstOrDefault(u => u is not null);
        }
    }

    /// <summary>
    /// Looks for an order whose URL was lost: lists all, skips the known ones, and fetches the rest from the end of the list backwards, since
    /// servers that keep lists append. Costs one request per page and one per unknown order looked at, of which there are at most
    /// <paramref name="maxLookups"/>. Null when there is none.
    /// </summary>
    public async Task<AcmeOrder?> FindOrderAsync(Uri ordersUrl, Func<Uri, bool> isKnown, Func<AcmeOrder, bool> matches, int maxLookups, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(isKnown);
        ArgumentNullException.ThrowIfNull(matches);
        List<Uri> unknown = [];
        await foreach (var url in ListOrdersAsync(ordersUrl, ct))
        {
            if (!isKnown(url))
            {
                unknown.Add(url);
            }
        }

        for (var i = unknown.Count - 1; i >= Math.Max(0, unknown.Count - maxLookups); i--)
        {
            if (await GetOrderIfThereAsync(unknown[i], ct) is { } order && matches(order))
            {
                return order;
            }
        }

        return null;
    }

    /// <summary>Places an order (section 7.4). Some servers return an unfinished order of the same names instead of a new one.</summary>
    public async Task<AcmeOrder> NewOrderAsync(NewOrderRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var directory = await _session.GetDirectoryAsync(ct);
        var response = await PostAsync(directory.NewOrder, AcmeActions.NewOrder, w => Payloads.NewOrder(w, request), ct);
        return _session.Reader.Order(response, knownUrl: null);
    }

    public async Task<AcmeOrder> GetOrderAsync(Uri order, CancellationToken ct) =>
        _session.Reader.Order(await GetAsync(order, AcmeActions.Order, ct), order);

    /// <summary>Asks for an authorization without an order (section 7.4.1), where <see cref="AcmeDirectory.NewAuthorization"/> is there.</summary>
    public async Task<AcmeAuthorization> NewAuthorizationAsync(AcmeIdentifier identifier, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        var url = (await _session.GetDirectoryAsync(ct)).NewAuthorization ?? throw AcmeClient.NotOffered("newAuthz");
        var response = await PostAsync(url, AcmeActions.NewAuthorization, w => Payloads.NewAuthorization(w, identifier), ct);
        return _session.Reader.Authorization(response, knownUrl: null);
    }

    public async Task<AcmeAuthorization> GetAuthorizationAsync(Uri authorization, CancellationToken ct) =>
        _session.Reader.Authorization(await GetAsync(authorization, AcmeActions.Authorization, ct), authorization);

    /// <summary>Gives an authorization back (section 7.5.2); a pending order over it becomes invalid.</summary>
    public async Task<AcmeAuthorization> DeactivateAuthorizationAsync(Uri authorization, CancellationToken ct) =>
        _session.Reader.Authorization(await PostAsync(authorization, AcmeActions.Authorization, Payloads.Deactivated, ct), authorization);

    /// <summary>Tells the server that the answer is in place (section 7.5.1).</summary>
    public async Task<AcmeChallenge> AnswerChallengeAsync(Uri challenge, CancellationToken ct) =>
        _session.Reader.Challenge(await PostAsync(challenge, AcmeActions.Challenge, Payloads.Empty, ct));

    /// <summary>A challenge by itself (section 7.5.1); fetching its authorization tells more for the same price.</summary>
    public async Task<AcmeChallenge> GetChallengeAsync(Uri challenge, CancellationToken ct) =>
        _session.Reader.Challenge(await GetAsync(challenge, AcmeActions.Challenge, ct));

    /// <summary>Asks for the certificate of a ready order (section 7.4). The order may come back processing, then it is to be fetched again.</summary>
    public async Task<AcmeOrder> FinalizeAsync(AcmeOrder order, ReadOnlyMemory<byte> csrDer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(order);
        var response = await PostAsync(order.Finalize, AcmeActions.Finalize, w => Payloads.Finalize(w, csrDer), ct);
        return _session.Reader.Order(response, order.Url);
    }

    /// <summary>Downloads a chain (section 7.4.2): the order's certificate, or one of <see cref="AcmeCertificateChain.Alternates"/>.</summary>
    public async Task<AcmeCertificateChain> DownloadCertificateAsync(Uri certificate, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var response = await _session.PostAsGetAsync(_key, _keyReference, certificate, AcmeActions.Certificate, ct, "application/pem-certificate-chain");
        return CertificateChainReader.Read(response, _session.Urls);
    }

    /// <summary>Revokes a certificate that this account ordered or holds all authorizations for (section 7.6).</summary>
    public Task RevokeCertificateAsync(ReadOnlyMemory<byte> certificateDer, RevocationReason? reason, CancellationToken ct) =>
        AcmeClient.RevokeAsync(_session, _key, _keyReference, certificateDer, reason, ct);

    private async Task<AcmeOrder?> GetOrderIfThereAsync(Uri order, CancellationToken ct)
    {
        try
        {
            return await GetOrderAsync(order, ct);
        }
        catch (AcmeProblemException e) when (e.Kind == AcmeErrorKind.NotFound)
        {
            return null;
        }
    }

    private Task<AcmeResponse> GetAsync(Uri url, string action, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(url);
        return _session.PostAsGetAsync(_key, _keyReference, url, action, ct);
    }

    private Task<AcmeResponse> PostAsync(Uri url, string action, Action<Utf8JsonWriter> payload, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(url);
        return _session.PostAsync(_key, _keyReference, url, action, payload, ct);
    }
}
