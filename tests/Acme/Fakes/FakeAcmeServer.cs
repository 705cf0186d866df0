using System.Globalization;
using System.Text.Json;

namespace CertOperator.Acme.Tests.Fakes;

/// <summary>
/// An ACME server in the test's process, for what Pebble does not do. Strict: every request's headers, JWS, nonce, URL and signature are
/// verified as RFC 8555 section 6 asks, and a fault throws. What it answers is the test's to say, path by path.
/// </summary>
public sealed class FakeAcmeServer : HttpMessageHandler
{
    public const string Base = "https://ca.test";
    public const string AccountUrl = Base + "/account/1";

    private readonly Lock _gate = new();
    private readonly HashSet<string> _nonces = [];
    private readonly Dictionary<string, JsonElement> _keys = [];
    private readonly Dictionary<string, Func<SignedRequest, FakeResponse>> _posts = [];
    private readonly Dictionary<string, Func<FakeResponse>> _gets = [];
    private int _nonceCount;

    public FakeAcmeServer()
    {
        OnGet("/directory", () => FakeResponse.Json(200, Directory));
        OnPost("/new-account", _ => FakeResponse.Json(201, """{"status":"valid","orders":"https://ca.test/account/1/orders"}""").With("Location", AccountUrl));
    }

    public static Uri DirectoryUrl { get; } = new(Base + "/directory");

    public string Directory { get; set; } =
        """
        {
          "newNonce": "https://ca.test/new-nonce", "newAccount": "https://ca.test/new-account", "newOrder": "https://ca.test/new-order",
          "newAuthz": "https://ca.test/new-authz", "revokeCert": "https://ca.test/revoke", "keyChange": "https://ca.test/key-change",
          "renewalInfo": "https://ca.test/renewal-info", "x-unknown": "https://ca.test/why-not",
          "meta": {"termsOfService": "https://ca.test/terms", "caaIdentities": ["ca.test"], "profiles": {"short": "six days", "long": "ninety days"}}
        }
        """;

    /// <summary>Answer to HEAD newNonce, when not a nonce.</summary>
    public FakeResponse? NewNonceAnswer { get; set; }

    public List<SignedRequest> Received { get; } = [];

    /// <summary>Nonces that are good; removing them makes the server forget.</summary>
    public void ForgetNonces()
    {
        lock (_gate)
        {
            _nonces.Clear();
        }
    }

    public void OnPost(string path, Func<SignedRequest, FakeResponse> answer) => _posts[path] = answer;

    public void OnPost(string path, FakeResponse answer) => _posts[path] = _ => answer;

    public void OnGet(string path, Func<FakeResponse> answer) => _gets[path] = answer;

    public void OnGet(string path, FakeResponse answer) => _gets[path] = () => answer;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery;
        JwsVerifier.Require(request.Headers.UserAgent.Count > 0, "a User-Agent is a must (section 6.1)");
        JwsVerifier.Require(!request.Headers.Contains("Replay-Nonce"), "a request has no Replay-Nonce header");
        if (request.Method == HttpMethod.Head && path == "/new-nonce")
        {
            return NewNonceAnswer?.ToMessage(request, null) ?? new FakeResponse(200).ToMessage(request, NewNonce());
        }

        if (request.Method == HttpMethod.Get)
        {
            return (_gets.TryGetValue(path, out var get) ? get() : new FakeResponse(404)).ToMessage(request, null);
        }

        JwsVerifier.Require(request.Method == HttpMethod.Post, $"no {request.Method} here");
        JwsVerifier.Require(request.Content?.Headers.ContentType?.ToString() == "application/jose+json", "the content type is application/jose+json (section 6.2)");
        JwsVerifier.Require(request.Content!.Headers.ContentLength > 0, "the length of the body is sent");
        using var body = JsonDocument.Parse(await request.Content.ReadAsByteArrayAsync(cancellationToken));
        var signed = Verify(request.RequestUri, body.RootElement.Clone());
        FakeResponse answer;
        if (signed is null)
        {
            answer = FakeResponse.Problem(400, "badNonce");
        }
        else
        {
            lock (_gate)
            {
                Received.Add(signed);
            }

            answer = _posts.TryGetValue(path, out var post) ? post(signed) : new FakeResponse(404);
            Register(signed, answer);
        }

        return answer.ToMessage(request, answer.WithNonce ? NewNonce() : null);
    }

    /// <summary>The verified request, or null when its nonce is not good.</summary>
    private SignedRequest? Verify(Uri url, JsonElement jws)
    {
        var (header, payload, input, signature) = JwsVerifier.Read(jws);
        var hasKey = header.TryGetProperty("jwk", out var key);
        JwsVerifier.Require(hasKey != header.TryGetProperty("kid", out var kid), "exactly one of jwk and kid");
        JwsVerifier.Require(header.GetProperty("url").GetString() == url.AbsoluteUri, "the url in the header is the request's (section 6.4)");
        lock (_gate)
        {
            if (!hasKey)
            {
                JwsVerifier.Require(_keys.TryGetValue(kid.GetString()!, out key), $"an account {kid} exists");
            }
        }

        JwsVerifier.Verify(key, header.GetProperty("alg").GetString()!, input, signature);
        lock (_gate)
        {
            return _nonces.Remove(header.GetProperty("nonce").GetString()!) ? new SignedRequest(url.PathAndQuery, header, payload) : null;
        }
    }

    /// <summary>An account's "kid" is its Location, letter by letter.</summary>
    private void Register(SignedRequest request, FakeResponse answer)
    {
        if (request.Path != "/new-account" || answer.Status is not (200 or 201))
        {
            return;
        }

        lock (_gate)
        {
            foreach (var (_, location) in answer.Headers.Where(h => h.Name == "Location"))
            {
                _keys[location] = request.Header.GetProperty("jwk");
            }
        }
    }

    private string NewNonce()
    {
        lock (_gate)
        {
            var nonce = "nonce-" + (++_nonceCount).ToString(CultureInfo.InvariantCulture);
            _nonces.Add(nonce);
            return nonce;
        }
    }
}
