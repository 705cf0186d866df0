using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.TestSupport.Proxies;
using Microsoft.AspNetCore.Http;

namespace CertOperator.TestSupport.Gcp;

/// <summary>
/// Google's token endpoint and the Certificate Manager of one project, on one HTTPS port. Assertions are verified with the account's public
/// key, tokens are good for an hour, and what is issued is real. What a client got wrong is answered as Google does and kept in <see cref="Violations"/>.
/// </summary>
public sealed class FakeGoogle : IAsyncDisposable
{
    public const string Project = "shop-1234";
    public const string Location = "europe-west1";
    public const string Email = "renewals@shop-1234.iam.gserviceaccount.com";
    public const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private readonly ConcurrentQueue<FakeGoogleRequest> _requests = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _tokens = new(StringComparer.Ordinal);
    private readonly RSA _key = RSA.Create(2048);
    private readonly TimeProvider _clock;
    private readonly HttpsServer _server;

    private FakeGoogle(TimeProvider clock)
    {
        _clock = clock;
        Certificates = new FakeCertificateManager(clock);
        _server = new HttpsServer("Endpoint CA", HandleAsync);
    }

    public Uri Address => _server.Address;

    public string CaPem => _server.CaPem;

    /// <summary>The key file of the service account.</summary>
    public string KeyFile => new JsonObject
    {
        ["type"] = "service_account",
        ["project_id"] = Project,
        ["private_key_id"] = "key-1",
        ["private_key"] = _key.ExportPkcs8PrivateKeyPem(),
        ["client_email"] = Email,
        ["token_uri"] = new Uri(Address, "/token").AbsoluteUri,
    }.ToJsonString();

    public FakeCertificateManager Certificates { get; }

    /// <summary>Requests with a good token, and those for one, in the order they came.</summary>
    public IReadOnlyList<FakeGoogleRequest> Requests => [.. _requests];

    /// <summary>What was asked in a way that Google does not know.</summary>
    public IReadOnlyList<string> Violations => [.. _violations];

    /// <summary>Answers in place of the service; null lets it answer.</summary>
    public Func<FakeGoogleRequest, ProxiedAnswer?> Intercept { get; set; } = _ => null;

    /// <param name="clock">The clock of tokens and certificates. <value>The system's.</value></param>
    public static async Task<FakeGoogle> StartAsync(TimeProvider? clock = null)
    {
        var google = new FakeGoogle(clock ?? TimeProvider.System);
        await google._server.StartAsync();
        return google;
    }

    public int Count(string method, string pathPart) => _requests.Count(r => r.Method == method && r.Path.Contains(pathPart, StringComparison.Ordinal));

    /// <summary>Every token that was given out is void from now on.</summary>
    public void RevokeTokens() => _tokens.Clear();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Certificates.Dispose();
        _key.Dispose();
    }

    public static ProxiedAnswer Error(int code, string status, string message)
        => ProxiedAnswer.Of(code, "application/json", new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message, ["status"] = status } }.ToJsonString());

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = new FakeGoogleRequest(context.Request.Method, context.Request.Path.Value ?? "", context.Request.QueryString.Value ?? "", Encoding.UTF8.GetString(body.ToArray()), context.Request.ContentType);
        if (request.Method == "GET" && request.Path.Contains("/certificates/", StringComparison.Ordinal))
        {
            await Certificates.LookAtRecordsAsync();
        }

        ProxiedAnswer answer = Authenticate(context, request) ?? Intercept(request) ?? (request.Path == "/token" ? GiveToken(request) : Certificates.Answer(request, Complain));
        if (answer == ProxiedAnswer.Dropped)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach ((string name, string value) in answer.Headers)
        {
            context.Response.Headers.Append(name, value);
        }

        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private ProxiedAnswer? Authenticate(HttpContext context, FakeGoogleRequest request)
    {
        if (request.Path == "/token")
        {
            _requests.Enqueue(request);
            return null;
        }

        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal) || !_tokens.TryGetValue(header["Bearer ".Length..], out var end) || end <= _clock.GetUtcNow())
        {
            return Error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.");
        }

        _requests.Enqueue(request);
        return null;
    }

    /// <summary>RFC 7523: everything in the assertion is checked, the signature with the account's public key.</summary>
    private ProxiedAnswer GiveToken(FakeGoogleRequest request)
    {
        var form = System.Web.HttpUtility.ParseQueryString(request.Body);
        if (request.Method != "POST" || request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) != true
            || form["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer" || form.Count != 2 || form["assertion"]?.Split('.') is not [var header, var claims, var signature])
        {
            Complain($"a request for a token: {request.Method} {request.Body}");
            return ProxiedAnswer.Of(400, "application/json", """{"error":"invalid_request","error_description":"Bad Request"}""");
        }

        if (!_key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{claims}"), Decode(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
        {
            return ProxiedAnswer.Of(400, "application/json", """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""");
        }

        using var head = JsonDocument.Parse(Decode(header));
        using var said = JsonDocument.Parse(Decode(claims));
        var root = said.RootElement;
        var (issued, expires) = (DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("iat").GetInt64()), DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("exp").GetInt64()));
        if (head.RootElement.GetProperty("alg").GetString() != "RS256" || head.RootElement.GetProperty("kid").GetString() != "key-1"
            || root.GetProperty("iss").GetString() != Email || root.GetProperty("scope").GetString() != Scope || root.GetProperty("aud").GetString() != new Uri(Address, "/token").AbsoluteUri
            || issued > _clock.GetUtcNow().AddMinutes(5) || expires <= _clock.GetUtcNow() || expires - issued > TimeSpan.FromHours(1))
        {
            Complain($"an assertion: {root}");
            return ProxiedAnswer.Of(400, "application/json", """{"error":"invalid_grant","error_description":"Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."}""");
        }

        var token = $"ya29.{Convert.ToHexString(RandomNumberGenerator.GetBytes(16))}";
        _tokens[token] = _clock.GetUtcNow().AddHours(1);
        return ProxiedAnswer.Of(200, "application/json", $$"""{"access_token":"{{token}}","expires_in":3599,"token_type":"Bearer"}""");
    }

    private static byte[] Decode(string part) => System.Buffers.Text.Base64Url.DecodeFromChars(part);

    private void Complain(string violation) => _violations.Enqueue(violation);
}

/// <summary>A request as it came.</summary>
public sealed record FakeGoogleRequest(string Method, string Path, string Query, string Body, string? ContentType);
