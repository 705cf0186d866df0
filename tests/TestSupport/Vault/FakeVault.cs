using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CertOperator.TestSupport.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CertOperator.TestSupport.Vault;

/// <summary>
/// Stands in for a Vault server, over TLS on 127.0.0.1. It looks at every request as the published API says: the token, what its policies
/// grant at the path, the namespace, the whole body. Its engines sign for real. What it does not know it refuses.
/// </summary>
public sealed partial class FakeVault : IAsyncDisposable
{
    private static readonly HashSet<string> KnownHeaders = new(StringComparer.OrdinalIgnoreCase) { "X-Vault-Request", "X-Vault-Token", "X-Vault-Namespace" };

    private readonly ConcurrentDictionary<(string Namespace, string Path), IFakeEngine> _mounts = new();
    private readonly ConcurrentQueue<FakeVaultRequest> _requests = new();
    private readonly HttpsServer _server;
    private readonly Lock _lock = new();

    private FakeVault(TimeProvider timeProvider)
    {
        Tokens = new FakeVaultTokens(timeProvider);
        _server = new HttpsServer("Vault CA", HandleAsync);
    }

    public Uri Address => _server.Address;

    /// <summary>What a client has to trust.</summary>
    public string CaPem => _server.CaPem;

    public FakeVaultTokens Tokens { get; }

    public bool IsSealed { get; set; }

    /// <summary>Every request that could be read, in the order in which they came.</summary>
    public IReadOnlyList<FakeVaultRequest> Requests => [.. _requests];

    /// <summary>Asked before anything is done; an answer takes the place of the real one.</summary>
    public Func<FakeVaultRequest, ProxiedAnswer?> Interfere { get; set; } = _ => null;

    /// <summary>Asked after everything has been done: whether only half of the answer gets out.</summary>
    public Func<FakeVaultRequest, bool> BreakOff { get; set; } = _ => false;

    /// <summary>Asked after everything has been done: whether the answer stops after its headers, until the client gives up.</summary>
    public Func<FakeVaultRequest, bool> Stall { get; set; } = _ => false;

    public static async Task<FakeVault> StartAsync(TimeProvider? timeProvider = null)
    {
        var vault = new FakeVault(timeProvider ?? TimeProvider.System);
        await vault._server.StartAsync();
        return vault;
    }

    /// <summary>Mounts an engine in the root namespace or in another.</summary>
    public T Mount<T>(string path, T engine, string @namespace = "")
        where T : IFakeEngine
    {
        _mounts[(@namespace, path)] = engine;
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
    }

    private static ProxiedAnswer Errors(int status, IEnumerable<string> errors)
        => ProxiedAnswer.Of(status, "application/json", new JsonObject { ["errors"] = new JsonArray([.. errors.Select(e => JsonValue.Create(e))]) }.ToJsonString());

    private static ProxiedAnswer Envelope(int status, JsonObject? data, JsonObject? auth)
        => ProxiedAnswer.Of(
            status,
            "application/json",
            new JsonObject
            {
                ["request_id"] = Guid.NewGuid().ToString(),
                ["lease_id"] = "",
                ["renewable"] = false,
                ["lease_duration"] = 0,
                ["data"] = data,
                ["wrap_info"] = null,
                ["warnings"] = null,
                ["auth"] = auth,
            }.ToJsonString());

    private static async Task<FakeVaultRequest> ReadAsync(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var (path, query) = target.Split('?', 2) is [var p, var q] ? (p, q) : (target, "");
        if (!path.StartsWith("/v1/", StringComparison.Ordinal) || !EscapedPath().IsMatch(path))
        {
            throw new FakeVaultException(404, $"no path of the API: {target}");
        }

        var parts = path["/v1/".Length..].Split('/').Select(Uri.UnescapeDataString).ToList();
        if (parts.Exists(s => s.Length == 0 || s is "." or ".." || s.Contains('/', StringComparison.Ordinal)))
        {
            throw new FakeVaultException(400, "path cannot contain parent references");
        }

        if (context.Request.Headers.Keys.FirstOrDefault(h => h.StartsWith("X-", StringComparison.OrdinalIgnoreCase) && !KnownHeaders.Contains(h)) is { } unknown)
        {
            throw new FakeVaultException(400, $"unknown header {unknown}");
        }

        if (context.Request.Headers["X-Vault-Request"] != "true")
        {
            throw new FakeVaultException(412, "missing 'X-Vault-Request' header");
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var method = context.Request.Method;
        if (method is not ("GET" or "POST") || (method == "GET" && body.Length > 0))
        {
            throw new FakeVaultException(405, "unsupported operation");
        }

        return new FakeVaultRequest(
            method,
            string.Join('/', parts),
            query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => Uri.UnescapeDataString(v[1])),
            context.Request.Headers["X-Vault-Namespace"].ToString(),
            context.Request.Headers.TryGetValue("X-Vault-Token", out var token) ? token.ToString() : null,
            Parse(body.ToArray()));
    }

    private static JsonObject Parse(byte[] body)
    {
        try
        {
            return body.Length == 0 ? [] : JsonNode.Parse(body) as JsonObject ?? throw new FakeVaultException(400, "error parsing JSON");
        }
        catch (JsonException)
        {
            throw new FakeVaultException(400, "error parsing JSON");
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        FakeVaultRequest? request = null;
        ProxiedAnswer answer;
        try
        {
            request = await ReadAsync(context);
            _requests.Enqueue(request);
            answer = Interfere(request) ?? await AnswerAsync(request);
        }
        catch (FakeVaultException e)
        {
            answer = Errors(e.Status, e.Errors);
        }

        if (answer == ProxiedAnswer.Dropped)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers.Append(name, value);
        }

        if (request is not null && BreakOff(request))
        {
            context.Response.ContentLength = answer.Body.Length;
            await context.Response.Body.WriteAsync(answer.Body.AsMemory(0, answer.Body.Length / 2), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
            return;
        }

        if (request is not null && Stall(request))
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        if (answer.Status != 204)
        {
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    private async Task<ProxiedAnswer> AnswerAsync(FakeVaultRequest request)
    {
        if (IsSealed)
        {
            throw new FakeVaultException(503, "Vault is sealed");
        }

        if (request.Token is null)
        {
            return await Tokens.LogInAsync(request) is { } auth ? Envelope(200, null, auth) : throw new FakeVaultException(403, "permission denied");
        }

        // One at a time, as far as the engines' own state goes.
        lock (_lock)
        {
            return Answer(request);
        }
    }

    private ProxiedAnswer Answer(FakeVaultRequest request)
    {
        var (mount, engine) = MountOf(request);
        var inner = engine is null ? request : request with { Path = request.Path[(mount.Length + 1)..] };
        var needed = request.Method == "GET" ? "read" : engine?.IsCreation(inner.Path) == true ? "create" : "update";
        var granted = Tokens.CapabilitiesOf(request.Token, request.Path);
        if (granted is null)
        {
            throw new FakeVaultException(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n");
        }

        if (!granted.Contains("root") && !granted.Contains(needed))
        {
            throw new FakeVaultException(403, "1 error occurred:\n\t* permission denied\n\n");
        }

        switch (request.Method, request.Path)
        {
            case ("GET", "auth/token/lookup-self"):
                return Envelope(200, Tokens.LookUp(request.Token!), null);

            case ("POST", "auth/token/renew-self"):
                return Envelope(200, null, Tokens.Renew(request));

            case ("POST", "sys/capabilities-self"):
                return Envelope(200, Capabilities(request), null);
        }

        if (engine is null)
        {
            throw new FakeVaultException(404, $"no handler for route \"{request.Path}\". route entry not found.");
        }

        var reply = engine.Handle(inner);
        return reply.Status == 204 ? ProxiedAnswer.Of(204, "application/json", "") : Envelope(reply.Status, reply.Data, null);
    }

    private (string Mount, IFakeEngine? Engine) MountOf(FakeVaultRequest request)
    {
        var found = _mounts.Where(m => m.Key.Namespace == request.Namespace && request.Path.StartsWith(m.Key.Path + "/", StringComparison.Ordinal)).OrderByDescending(m => m.Key.Path.Length).FirstOrDefault();
        return (found.Key.Path, found.Value);
    }

    private JsonObject Capabilities(FakeVaultRequest request)
    {
        request.AllowFields("paths");
        var answer = new JsonObject();
        foreach (var path in request.Body["paths"]!.AsArray().Select(p => p!.GetValue<string>()))
        {
            var granted = Tokens.CapabilitiesOf(request.Token, path)!;
            answer[path] = new JsonArray([.. (granted.Count == 0 ? ["deny"] : granted).Select(c => JsonValue.Create(c))]);
        }

        return answer;
    }

    [GeneratedRegex(@"\A(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})+\z")]
    private static partial Regex EscapedPath();
}
