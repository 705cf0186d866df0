using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Gcp;

/// <summary>Access tokens for service accounts, kept until shortly before their end.</summary>
/// <param name="clients">Dial through the egress check: a tenant's key file names the token endpoint.</param>
/// <param name="own">Gets a token for the operator's own service account.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class GcpIdentities(EgressHttpClients clients, Func<CancellationToken, Task<GcpOwnToken>> own, TimeProvider timeProvider)
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    /// <summary>Tenants choose the accounts.</summary>
    private const int MaxEntries = 1000;

    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset End)> _tokens = new(StringComparer.Ordinal);

    /// <exception cref="IssuanceException">There is no token to be had.</exception>
    public async Task<GcpHeldToken> TokenAsync(GcpAccess access, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(access);
        var now = timeProvider.GetUtcNow();
        var key = KeyOf(access);
        if (_tokens.TryGetValue(key, out var known) && now < known.End)
        {
            return new GcpHeldToken(known.Token, IsNew: false);
        }

        var (token, lifetime) = access.Account is { } account ? await ExchangeAsync(access, account, now, cancellationToken) : await own(cancellationToken);
        if (_tokens.Count >= MaxEntries)
        {
            _tokens.Clear();
        }

        _tokens[key] = (token, now + lifetime - Reserve);
        return new GcpHeldToken(token, IsNew: true);
    }

    /// <summary>Takes a token for spent, which the API did not accept.</summary>
    public void Forget(GcpAccess access)
    {
        ArgumentNullException.ThrowIfNull(access);
        _tokens.TryRemove(KeyOf(access), out _);
    }

    private async Task<GcpOwnToken> ExchangeAsync(GcpAccess access, GoogleServiceAccount account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var endpoint = new Uri(account.TokenUri!);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Content = new FormUrlEncodedContent(account.TokenRequest(Scope, now));
        var answer = await GcpHttp.SendAsync(clients, access, request, "the request for a token", cancellationToken);
        return answer.IsSuccess
            ? Read(answer.Body) ?? throw GcpFailures.Unreadable(access, endpoint, "the request for a token")
            : throw GcpFailures.FromTokenEndpoint(access, endpoint, answer.Status, answer.Body, answer.RetryAfter);
    }

    /// <summary>Reads what a token endpoint or the metadata server answered; null where that is no token.</summary>
    public static GcpOwnToken? Read(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, GcpJsonContext.Default.GcpToken) is { Value: { Length: > 0 } value, ExpiresIn: var seconds } && !value.Any(c => c is <= ' ' or > '~')
                ? new GcpOwnToken(value, TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 86_400)))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A key that was replaced in its Secret is another account.</summary>
    private static string KeyOf(GcpAccess access)
        => access.Account is { } account
            ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{account.ClientEmail}\n{account.TokenUri}\n{account.PrivateKey}")))
            : "";
}

/// <summary>A token, and whether it was given out just now, so that another one would do no better.</summary>
public sealed record GcpHeldToken(string Value, bool IsNew)
{
    public override string ToString() => nameof(GcpHeldToken);
}

/// <summary>A token and how long it is good for.</summary>
public sealed record GcpOwnToken(string Value, TimeSpan Lifetime)
{
    public override string ToString() => nameof(GcpOwnToken);
}
