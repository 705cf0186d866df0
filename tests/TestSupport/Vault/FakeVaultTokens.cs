using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CertOperator.TestSupport.Vault;

/// <summary>Tokens, policies and login methods of a fake Vault.</summary>
public sealed class FakeVaultTokens(TimeProvider timeProvider)
{
    private static readonly Dictionary<string, string[]> Default = new()
    {
        ["auth/token/lookup-self"] = ["read"],
        ["auth/token/renew-self"] = ["update"],
        ["sys/capabilities-self"] = ["update"],
    };

    private readonly ConcurrentDictionary<string, FakeToken> _tokens = new();
    private readonly ConcurrentDictionary<string, Dictionary<string, string[]>> _policies = new();
    private readonly ConcurrentDictionary<string, (string RoleId, string SecretId, FakeTokenShape Shape)> _appRoles = new();
    private readonly ConcurrentDictionary<string, (string Account, string Audience, FakeTokenShape Shape)> _kubernetesRoles = new();
    private int _logins;

    /// <summary>Tokens handed out for logins so far.</summary>
    public int Logins => _logins;

    /// <summary>Renewals granted so far.</summary>
    public int Renewals { get; private set; }

    /// <summary>Says whose token of the cluster it is, as namespace/name, and for which audiences; null for one that is not good. Stands for a TokenReview.</summary>
    public Func<string, Task<(string Account, IReadOnlyList<string> Audiences)?>> ReviewAsync { get; set; } = _ => Task.FromResult<(string, IReadOnlyList<string>)?>(null);

    /// <summary>A policy of lines such as <c>"transit/sign/www", "update"</c>; a path may end with an asterisk and have + for one part.</summary>
    public void SetPolicy(string name, params (string Path, string Capabilities)[] lines)
        => _policies[name] = lines.ToDictionary(l => l.Path, l => l.Capabilities.Split(','));

    public void AddAppRole(string mount, string roleId, string secretId, FakeTokenShape shape) => _appRoles[mount] = (roleId, secretId, shape);

    /// <param name="role">As mount/role.</param>
    /// <param name="account">As namespace/name.</param>
    /// <param name="audience">That the token has to be for.</param>
    /// <param name="shape">Of the token that is handed out.</param>
    public void AddKubernetesRole(string role, string account, string audience, FakeTokenShape shape) => _kubernetesRoles[role] = (account, audience, shape);

    public string Create(FakeTokenShape shape)
    {
        var id = "hvs." + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 24);
        _tokens[id] = new FakeToken(shape, timeProvider.GetUtcNow()) { End = shape.Ttl is { } ttl ? timeProvider.GetUtcNow() + ttl : null };
        return id;
    }

    public void RevokeAll() => _tokens.Clear();

    /// <summary>What a token may do at a path; null for a token that is not known or has ended.</summary>
    public IReadOnlyList<string>? CapabilitiesOf(string? id, string path)
    {
        if (Find(id) is not { } token)
        {
            return null;
        }

        if (token.Shape.Policies.Contains("root"))
        {
            return ["root"];
        }

        var lines = token.Shape.Policies.SelectMany(p => _policies.GetValueOrDefault(p) ?? []).Concat(token.Shape.WithoutDefault ? [] : Default);
        // The longest pattern decides, an exact one before any other.
        var best = lines.Where(l => Matches(l.Key, path)).OrderByDescending(l => l.Key == path).ThenByDescending(l => l.Key.Length).FirstOrDefault();
        return best.Value is null || best.Value.Contains("deny") ? [] : best.Value;
    }

    /// <returns>Null where the path is none of these.</returns>
    public async Task<JsonObject?> LogInAsync(FakeVaultRequest request)
    {
        if (request.Method != "POST" || !request.Path.StartsWith("auth/", StringComparison.Ordinal) || !request.Path.EndsWith("/login", StringComparison.Ordinal))
        {
            return null;
        }

        var mount = request.Path["auth/".Length..^"/login".Length];
        if (_appRoles.TryGetValue(mount, out var appRole))
        {
            request.AllowFields("role_id", "secret_id");
            return request.Text("role_id") == appRole.RoleId && request.Text("secret_id") == appRole.SecretId
                ? Auth(LogIn(appRole.Shape))
                : throw new FakeVaultException(400, "invalid role or secret ID");
        }

        if (!_kubernetesRoles.Keys.Any(r => r.StartsWith(mount + "/", StringComparison.Ordinal)))
        {
            return null;
        }

        request.AllowFields("role", "jwt");
        if (!_kubernetesRoles.TryGetValue($"{mount}/{request.Text("role")}", out var role))
        {
            throw new FakeVaultException(400, $"invalid role name \"{request.Text("role")}\"");
        }

        return await ReviewAsync(request.Text("jwt") ?? "") is not { } found || !found.Audiences.Contains(role.Audience)
            ? throw new FakeVaultException(403, "permission denied")
            : found.Account == role.Account ? Auth(LogIn(role.Shape)) : throw new FakeVaultException(403, "service account name not authorized");
    }

    public JsonObject LookUp(string id)
    {
        var token = Find(id)!;
        return new JsonObject
        {
            ["accessor"] = "accessor",
            ["creation_time"] = token.Start.ToUnixTimeSeconds(),
            ["creation_ttl"] = (long)(token.Shape.Ttl ?? TimeSpan.Zero).TotalSeconds,
            ["explicit_max_ttl"] = 0,
            ["id"] = id,
            ["policies"] = new JsonArray([.. token.Shape.Policies.Select(p => JsonValue.Create(p))]),
            ["renewable"] = token.Shape.Renewable,
            ["ttl"] = TtlOf(token),
            ["type"] = "service",
        };
    }

    public JsonObject Renew(FakeVaultRequest request)
    {
        request.AllowFields("increment");
        var token = Find(request.Token)!;
        if (!token.Shape.Renewable || token.Shape.Ttl is not { } ttl)
        {
            throw new FakeVaultException(400, "lease is not renewable");
        }

        var end = timeProvider.GetUtcNow() + ttl;
        token.End = token.Shape.MaxTtl is { } most && token.Start + most < end ? token.Start + most : end;
        Renewals++;
        return Auth(request.Token!);
    }

    private string LogIn(FakeTokenShape shape)
    {
        Interlocked.Increment(ref _logins);
        return Create(shape);
    }

    private JsonObject Auth(string id)
    {
        var token = Find(id)!;
        return new JsonObject
        {
            ["client_token"] = id,
            ["accessor"] = "accessor",
            ["policies"] = new JsonArray([.. token.Shape.Policies.Select(p => JsonValue.Create(p))]),
            ["metadata"] = null,
            ["lease_duration"] = TtlOf(token),
            ["renewable"] = token.Shape.Renewable,
            ["entity_id"] = "",
            ["token_type"] = "service",
            ["orphan"] = true,
        };
    }

    private FakeToken? Find(string? id) => id is not null && _tokens.TryGetValue(id, out var token) && (token.End is null || timeProvider.GetUtcNow() < token.End) ? token : null;

    private long TtlOf(FakeToken token) => token.End is { } end ? (long)(end - timeProvider.GetUtcNow()).TotalSeconds : 0;

    private static bool Matches(string pattern, string path)
    {
        if (pattern.EndsWith('*'))
        {
            return path.StartsWith(pattern[..^1], StringComparison.Ordinal);
        }

        var (wanted, found) = (pattern.Split('/'), path.Split('/'));
        return wanted.Length == found.Length && wanted.Zip(found).All(p => p.First == "+" || p.First == p.Second);
    }

    private sealed record FakeToken(FakeTokenShape Shape, DateTimeOffset Start)
    {
        public DateTimeOffset? End { get; set; }
    }
}

/// <summary>What a token is like.</summary>
/// <param name="Policies">Names of policies; root may do everything.</param>
public sealed record FakeTokenShape(params string[] Policies)
{
    /// <summary>An hour; null for one that does not end.</summary>
    public TimeSpan? Ttl { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan? MaxTtl { get; init; }

    public bool Renewable { get; init; } = true;

    /// <summary>True for one that may not even look itself up.</summary>
    public bool WithoutDefault { get; init; }
}
