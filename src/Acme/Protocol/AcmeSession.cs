using System.Text.Json;

namespace CertOperator.Acme;

/// <summary>What all requests to one directory share: the directory document, the nonce pool, and the one place that retries "badNonce".</summary>
internal sealed class AcmeSession : IDisposable
{
    private const string JsonAccept = "application/json";
    private const int MaxRedirects = 3;

    private readonly Uri _directoryUrl;
    private readonly AcmeClientOptions _options;
    private readonly TimeProvider _time;
    private readonly AcmeTransport _transport;
    private readonly NoncePool _nonces;
    private readonly SemaphoreSlim _directoryGate = new(1, 1);
    private volatile CachedDirectory? _directory;

    public AcmeSession(HttpClient http, Uri directory, AcmeClientOptions options, TimeProvider time, IAcmeRequestObserver observer)
    {
        _directoryUrl = directory;
        _options = options;
        _time = time;
        _transport = new AcmeTransport(http, directory, options, time, observer);
        _nonces = new NoncePool(options.MaxNonces, options.NonceLifetime, time);
        Urls = new ServerUrls(directory);
        Reader = new ResourceReader(Urls);
    }

    public ServerUrls Urls { get; }

    public ResourceReader Reader { get; }

    public async Task<AcmeDirectory> GetDirectoryAsync(CancellationToken ct)
    {
        if (Fresh() is { } known)
        {
            return known;
        }

        // One fetch serves all who wait for it.
        await _directoryGate.WaitAsync(ct);
        try
        {
            if (Fresh() is { } fetched)
            {
                return fetched;
            }

            return await FetchAsync(ct);
        }
        finally
        {
            _directoryGate.Release();
        }
    }

    /// <summary>The directory as it is now. What was known of it stays where the server does not answer.</summary>
    public async Task<AcmeDirectory> FetchDirectoryAsync(CancellationToken ct)
    {
        await _directoryGate.WaitAsync(ct);
        try
        {
            return await FetchAsync(ct);
        }
        finally
        {
            _directoryGate.Release();
        }
    }

    /// <summary>An unsigned GET, for the two resources that have one (RFC 8555 section 6.3). Follows a few redirects by hand, each checked like any server URL.</summary>
    public async Task<AcmeResponse> GetAsync(Uri url, string action, CancellationToken ct)
    {
        for (var redirects = 0; ; redirects++)
        {
            var response = await _transport.SendAsync(HttpMethod.Get, url, action, jws: null, JsonAccept, ct);
            if (response.Status is not (301 or 302 or 303 or 307 or 308) || redirects == MaxRedirects)
            {
                return Successful(response);
            }

            url = Urls.FromHeader(url, response.Location) ?? throw response.Unexpected("the redirect's Location is not a usable https URL.");
        }
    }

    /// <summary>POST-as-GET: signed, with an empty payload (section 6.3).</summary>
    public Task<AcmeResponse> PostAsGetAsync(AccountKey key, JwsKeyReference keyReference, Uri url, string action, CancellationToken ct, string accept = JsonAccept) =>
        PostSignedAsync(key, keyReference, url, action, ReadOnlyMemory<byte>.Empty, accept, ct);

    public async Task<AcmeResponse> PostAsync(
        AccountKey key, JwsKeyReference keyReference, Uri url, string action, Action<Utf8JsonWriter> payload, CancellationToken ct)
    {
        using var buffer = Jws.WritePayload(payload);
        return await PostSignedAsync(key, keyReference, url, action, buffer.WrittenMemory, JsonAccept, ct);
    }

    /// <summary>Sends a signed request and returns its successful response.</summary>
    /// <exception cref="AcmeProblemException">The server refused.</exception>
    /// <exception cref="AcmeProtocolException">The server answered with something that is not ACME.</exception>
    /// <exception cref="AcmeTransportException">No answer came.</exception>
    public async Task<AcmeResponse> PostSignedAsync(
        AccountKey key, JwsKeyReference keyReference, Uri url, string action, ReadOnlyMemory<byte> payload, string accept, CancellationToken ct)
    {
        if (Urls.Reject(url) is { } reason)
        {
            throw new AcmeProtocolException($"The URL for {action} cannot be used: {reason}.");
        }

        var nonce = _nonces.TryTake() ?? await NewNonceAsync(ct);
        for (var retries = 0; ; retries++)
        {
            var jws = Jws.Serialize(key, keyReference, nonce, url, payload.Span);
            var response = await _transport.SendAsync(HttpMethod.Post, url, action, jws, accept, ct);
            if (response.IsSuccess)
            {
                _nonces.Add(response.Nonce);
                return response;
            }

            var problem = ProblemReader.Read(response);
            if (problem?.Kind != AcmeErrorKind.BadNonce || retries >= _options.MaxBadNonceRetries)
            {
                _nonces.Add(response.Nonce);
                throw Refusal(response, problem);
            }

            // The refusal's own nonce goes straight into the retry (section 6.5): those in the pool may be as stale as the refused one.
            nonce = NoncePool.IsValid(response.Nonce) ? response.Nonce! : await NewNonceAsync(ct);
        }
    }

    public void Dispose() => _directoryGate.Dispose();

    private async Task<string> NewNonceAsync(CancellationToken ct)
    {
        var directory = await GetDirectoryAsync(ct);
        var response = Successful(await _transport.SendAsync(HttpMethod.Head, directory.NewNonce, AcmeActions.NewNonce, jws: null, JsonAccept, ct));
        return NoncePool.IsValid(response.Nonce)
            ? response.Nonce!
            : throw response.Unexpected("the Replay-Nonce header is missing or not base64url.");
    }

    private async Task<AcmeDirectory> FetchAsync(CancellationToken ct)
    {
        var directory = Reader.Directory(await GetAsync(_directoryUrl, AcmeActions.Directory, ct));
        _directory = new CachedDirectory(directory, _time.GetTimestamp());
        return directory;
    }

    private AcmeDirectory? Fresh() =>
        _directory is { } cached && _time.GetElapsedTime(cached.Fetched) < _options.DirectoryLifetime ? cached.Directory : null;

    private static AcmeResponse Successful(AcmeResponse response) =>
        response.IsSuccess ? response : throw Refusal(response, ProblemReader.Read(response));

    private static AcmeException Refusal(AcmeResponse response, AcmeProblem? problem)
    {
        if (problem is not null)
        {
            return new AcmeProblemException(problem, response.Action);
        }

        return response.Unexpected(response.Status is >= 300 and < 400
            ? "redirects of signed requests are not followed. Check the directory URL."
            : "no ACME problem document. Check the directory URL, and for a proxy or firewall in between.");
    }

    private sealed record CachedDirectory(AcmeDirectory Directory, long Fetched);
}
