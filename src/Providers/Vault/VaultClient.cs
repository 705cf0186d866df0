using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Vault;

/// <summary>
/// Asks one Vault server with one identity. A token that has been revoked is replaced once per request, one that is not let do something
/// once per client; every other refusal is an <see cref="IssuanceException"/>.
/// </summary>
public sealed class VaultClient
{
    private static readonly IReadOnlyList<string> None = [];

    private readonly VaultTransport _transport;
    private readonly VaultLogins _logins;
    private readonly VaultTokens _tokens;
    private bool _hasLoggedInAgain;

    internal VaultClient(VaultTransport transport, VaultLogins logins, VaultTokens tokens)
    {
        _transport = transport;
        _logins = logins;
        _tokens = tokens;
    }

    public VaultServer Server => _transport.Server;

    /// <summary>Makes sure that there is a token.</summary>
    public Task LogInAsync(CancellationToken cancellationToken) => _tokens.GetAsync(_logins, cancellationToken);

    /// <returns>The answer, where its status is a success or one that the call expects.</returns>
    public async Task<VaultAnswer> SendAsync(VaultCall call, CancellationToken cancellationToken)
    {
        var token = await _tokens.GetAsync(_logins, cancellationToken);
        var answer = await _transport.SendAsync(call, token.Value, cancellationToken);
        if (answer.Status == HttpStatusCode.Forbidden && await FindOtherAsync(call, token, answer, cancellationToken) is { } other)
        {
            answer = await _transport.SendAsync(call, other.Value, cancellationToken);
        }

        return answer.IsSuccess || call.Expected.Contains(answer.Status) ? answer : throw VaultFailures.Refusal(Server, call, answer);
    }

    /// <summary>The data of an answer.</summary>
    internal T Read<T>(VaultCall call, VaultAnswer answer, JsonTypeInfo<VaultEnvelope<T>> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type)?.Data ?? throw VaultFailures.NotVault(Server, $"{call} without data");
        }
        catch (JsonException)
        {
            throw VaultFailures.NotVault(Server, $"{call} with something that is no JSON of its API");
        }
    }

    /// <summary>What the token may do at each of these paths; null where it may not even ask.</summary>
    internal async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>?> FindCapabilitiesAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var call = VaultCall.Write("sys/capabilities-self", new VaultPathList(paths), VaultJsonContext.Default.VaultPathList) with { Expected = [HttpStatusCode.Forbidden] };
        var answer = await SendAsync(call, cancellationToken);
        if (answer.Status == HttpStatusCode.Forbidden)
        {
            return null;
        }

        var found = Read(call, answer, VaultJsonContext.Default.VaultEnvelopeDictionaryStringIReadOnlyListString);
        return paths.ToDictionary(p => p, p => found.GetValueOrDefault(p) ?? None);
    }

    /// <summary>Logs in again for what the token is not let do; only once, and not with a token of somebody else.</summary>
    /// <returns>Whether there is another token now.</returns>
    internal async Task<bool> TryLogInAgainAsync(CancellationToken cancellationToken)
        => await FindSuccessorAsync(await _tokens.GetAsync(_logins, cancellationToken), cancellationToken) is not null;

    /// <summary>Another token to repeat a refused request with; null where there is none, or the refusal is answer enough.</summary>
    private async Task<VaultToken?> FindOtherAsync(VaultCall call, VaultToken token, VaultAnswer answer, CancellationToken cancellationToken)
    {
        var isExpected = call.Expected.Contains(answer.Status);
        if (await _logins.IsAliveAsync(token, cancellationToken))
        {
            return isExpected ? null : await FindSuccessorAsync(token, cancellationToken);
        }

        _tokens.Forget(_logins, token);
        var next = await _tokens.GetAsync(_logins, cancellationToken);
        return next.Value != token.Value ? next : isExpected ? null : throw Dead(call, answer);
    }

    private async Task<VaultToken?> FindSuccessorAsync(VaultToken token, CancellationToken cancellationToken)
    {
        if (_hasLoggedInAgain || Server.Login is VaultLogin.Token)
        {
            return null;
        }

        _hasLoggedInAgain = true;
        var next = await _tokens.ReplaceAsync(_logins, token, cancellationToken);
        return next.Value != token.Value ? next : null;
    }

    /// <summary>The look-up says that Vault does not know the token, or the token's policy lacks the default one that lets it look.</summary>
    private IssuanceException Dead(VaultCall call, VaultAnswer answer)
        => new(
            IssuanceFailure.NeedsManual,
            VaultReasons.AccessDenied,
            $"{VaultFailures.Describe(Server, call, answer)}. The token in {Server.Login.Field} has ended or was revoked, or its Vault policy lacks {VaultFailures.Grant(call.Path, call.Capability)} Put a good token there, or add that.");
}
