namespace CertOperator.Acme;

/// <summary>
/// A client of one ACME server (RFC 8555, RFC 9773, draft-ietf-acme-profiles). Share one per directory: it holds the nonce pool and the
/// directory. Safe for concurrent use. Does not own the HttpClient, whose handler must have AllowAutoRedirect off; trust in the server's
/// certificate and checks of outgoing addresses are that handler's too.
/// </summary>
/// <remarks>
/// Every method throws <see cref="AcmeProblemException"/> when the server refuses, <see cref="AcmeProtocolException"/> when it answers with
/// something that is not ACME, and <see cref="AcmeTransportException"/> when no answer comes. "badNonce" is retried inside, nothing else is.
/// </remarks>
public sealed class AcmeClient : IDisposable
{
    private readonly AcmeSession _session;

    public AcmeClient(HttpClient http, Uri directory, AcmeClientOptions options, TimeProvider time, IAcmeRequestObserver observer)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(observer);
        if (!directory.IsAbsoluteUri || (directory.Scheme != Uri.UriSchemeHttps && directory.Scheme != Uri.UriSchemeHttp) || directory.UserInfo.Length > 0)
        {
            throw new ArgumentException("The directory must be an absolute https (or http) URL without a user name.", nameof(directory));
        }

        Directory = directory;
        _session = new AcmeSession(http, directory, options, time, observer);
    }

    /// <summary>The directory's URL.</summary>
    public Uri Directory { get; }

    /// <summary>The directory, from memory when it was fetched within <see cref="AcmeClientOptions.DirectoryLifetime"/>.</summary>
    public Task<AcmeDirectory> GetDirectoryAsync(CancellationToken ct) => _session.GetDirectoryAsync(ct);

    /// <summary>The directory as the server sends it now, for those who ask whether it answers.</summary>
    public Task<AcmeDirectory> FetchDirectoryAsync(CancellationToken ct) => _session.FetchDirectoryAsync(ct);

    /// <summary>Creates the account of this key, or finds it (RFC 8555 section 7.3). A server answers both ways with the account's URL.</summary>
    public async Task<AcmeAccount> CreateAccountAsync(AccountKey key, NewAccountRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(request);
        var directory = await _session.GetDirectoryAsync(ct);
        var binding = request.ExternalAccountBinding?.Sign(key, directory.NewAccount);
        var response = await _session.PostAsync(
            key, JwsKeyReference.ByJwk(key), directory.NewAccount, AcmeActions.NewAccount, w => Payloads.NewAccount(w, request, binding), ct);
        return _session.Reader.Account(response, knownUrl: null);
    }

    /// <summary>The operations of an account that exists; sends nothing.</summary>
    public AcmeAccountClient Account(AccountKey key, Uri accountUrl)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(accountUrl);
        return new AcmeAccountClient(_session, key, accountUrl);
    }

    /// <summary>Revokes with the certificate's own key (RFC 8555 section 7.6), which works when the account is lost.</summary>
    public async Task RevokeCertificateAsync(AccountKey certificateKey, ReadOnlyMemory<byte> certificateDer, RevocationReason? reason, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(certificateKey);
        await RevokeAsync(_session, certificateKey, JwsKeyReference.ByJwk(certificateKey), certificateDer, reason, ct);
    }

    /// <summary>When the CA suggests to renew this certificate (RFC 9773); null when the server offers no renewal information.</summary>
    public async Task<RenewalInfo?> GetRenewalInfoAsync(CertificateId certificate, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var directory = await _session.GetDirectoryAsync(ct);
        if (directory.RenewalInfo is not { } baseUrl)
        {
            return null;
        }

        // Section 4.1: the id is one more path segment; the base may or may not end with a slash.
        var url = new UriBuilder(baseUrl) { Path = $"{baseUrl.AbsolutePath.TrimEnd('/')}/{certificate.Value}" }.Uri;
        return ResourceReader.RenewalInfo(await _session.GetAsync(url, AcmeActions.RenewalInfo, ct));
    }

    public void Dispose() => _session.Dispose();

    internal static async Task RevokeAsync(
        AcmeSession session, AccountKey key, JwsKeyReference reference, ReadOnlyMemory<byte> certificateDer, RevocationReason? reason, CancellationToken ct)
    {
        var url = (await session.GetDirectoryAsync(ct)).RevokeCertificate ?? throw NotOffered("revokeCert");
        await session.PostAsync(key, reference, url, AcmeActions.RevokeCertificate, w => Payloads.Revocation(w, certificateDer, reason), ct);
    }

    internal static AcmeProtocolException NotOffered(string operation) => new($"The server's directory offers no {operation}.");
}
