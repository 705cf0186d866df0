using System.Net;
using System.Text.Json;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Vault;

/// <summary>Logs in to one Vault server with one identity, and keeps what it was given alive.</summary>
internal sealed class VaultLogins(VaultTransport transport, TimeProvider timeProvider)
{
    private static readonly VaultCall LookUp = VaultCall.Read("auth/token/lookup-self");
    private static readonly VaultCall Renew = VaultCall.Write("auth/token/renew-self", new VaultNothing(), VaultJsonContext.Default.VaultNothing);

    private VaultServer Server => transport.Server;

    /// <summary>Which token may be shared: the same server, namespace and identity.</summary>
    public string Identity { get; } = string.Join('\n', transport.Server.Address.AbsoluteUri, transport.Server.Namespace, transport.Server.Login.Fingerprint);

    public bool IsDue(VaultToken token) => timeProvider.GetUtcNow() >= token.RenewAt;

    public async Task<VaultToken> LogInAsync()
        => Server.Login switch
        {
            VaultLogin.Token login => await DescribeAsync(login),
            VaultLogin.AppRole login => await LogInAsync(
                VaultCall.Write($"auth/{login.Mount}/login", new VaultAppRoleLogin(login.RoleId, login.SecretId), VaultJsonContext.Default.VaultAppRoleLogin),
                "the AppRole's roleId and secret id, and whether the secret id has been used up or has ended"),
            VaultLogin.Kubernetes login => await LogInAsync(
                VaultCall.Write($"auth/{login.Mount}/login", new VaultKubernetesLogin(login.Role, await login.RequestToken(CancellationToken.None)), VaultJsonContext.Default.VaultKubernetesLogin),
                $"that role {login.Role} of the auth method at {login.Mount} is bound to service account {login.Account}"),
            _ => throw new InvalidOperationException($"Unknown login {Server.Login.GetType().Name}."),
        };

    /// <summary>Renews a token that can be renewed, else gets another one.</summary>
    public async Task<VaultToken> RenewAsync(VaultToken token)
    {
        if (token.Renewable)
        {
            var answer = await transport.SendAsync(Renew, token.Value, CancellationToken.None);
            // Close to the longest time that a token may live, a renewal is granted for less and less.
            if (answer.IsSuccess && Read(answer) is { } renewed && (Server.Login is VaultLogin.Token || VaultToken.LifetimeOf(renewed.LeaseDuration) is not { } lifetime || lifetime >= token.Lifetime / 2))
            {
                return new VaultToken(token.Value, timeProvider.GetUtcNow(), VaultToken.LifetimeOf(renewed.LeaseDuration), renewed.Renewable);
            }

            if (Server.Login is VaultLogin.Token && !answer.IsSuccess && answer.Status is not (HttpStatusCode.BadRequest or HttpStatusCode.Forbidden))
            {
                // Vault has not refused the renewal, it could not do it: there is nothing else to go on with, so it is tried again.
                throw VaultFailures.Refusal(Server, Renew, answer);
            }
        }

        // A token of somebody else's has no successor; it is used until Vault refuses it.
        return Server.Login is VaultLogin.Token ? token with { Lifetime = null, Renewable = false } : await LogInAsync();
    }

    /// <summary>Whether Vault still knows a token. One that may not ask is taken for one that is gone: a login too many does no harm.</summary>
    public async Task<bool> IsAliveAsync(VaultToken token, CancellationToken cancellationToken)
    {
        var answer = await transport.SendAsync(LookUp, token.Value, cancellationToken);
        return answer.IsSuccess || (answer.Status == HttpStatusCode.Forbidden ? false : throw VaultFailures.Refusal(Server, LookUp, answer));
    }

    /// <summary>Another token in place of one that Vault knows. The same where none is to be had: a secret id may have been good for one login.</summary>
    public async Task<VaultToken> LogInAgainAsync(VaultToken token)
    {
        try
        {
            return await LogInAsync();
        }
        catch (IssuanceException)
        {
            // What the token was refused for is told instead, and the others need it.
            return token;
        }
    }

    private async Task<VaultToken> DescribeAsync(VaultLogin.Token login)
    {
        var answer = await transport.SendAsync(LookUp, login.Value, CancellationToken.None);
        var now = timeProvider.GetUtcNow();
        if (answer.Status == HttpStatusCode.Forbidden)
        {
            // It has ended, or its policy does not let it ask: what it is wanted for will tell.
            return new VaultToken(login.Value, now, null, false);
        }

        if (!answer.IsSuccess)
        {
            throw VaultFailures.Refusal(Server, LookUp, answer);
        }

        return Parse(answer, LookUp).Data is { } facts
            ? new VaultToken(login.Value, now, VaultToken.LifetimeOf(facts.Ttl), facts.Renewable)
            : throw VaultFailures.NotVault(Server, $"{LookUp} without data");
    }

    private async Task<VaultToken> LogInAsync(VaultCall call, string advice)
    {
        var answer = await transport.SendAsync(call, null, CancellationToken.None);
        if (answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden)
        {
            // 403 is also what the Kubernetes method answers where it cannot reach the cluster to have the token reviewed.
            var failure = answer.Status == HttpStatusCode.Forbidden ? IssuanceFailure.Failed : IssuanceFailure.NeedsManual;
            throw new IssuanceException(failure, VaultReasons.LoginRefused, $"{VaultFailures.Describe(Server, call, answer)}. Check {Server.Login.Field}: {advice}.");
        }

        if (!answer.IsSuccess)
        {
            throw VaultFailures.Refusal(Server, call, answer);
        }

        var auth = Parse(answer, call).Auth;
        return auth?.ClientToken is { Length: > 0 } value && value.All(c => c is > ' ' and <= '~')
            ? new VaultToken(value, timeProvider.GetUtcNow(), VaultToken.LifetimeOf(auth.LeaseDuration), auth.Renewable)
            : throw VaultFailures.NotVault(Server, $"{call} without a token");
    }

    private VaultAuth? Read(VaultAnswer answer) => Parse(answer, Renew).Auth;

    private VaultEnvelope<VaultTokenFacts> Parse(VaultAnswer answer, VaultCall call)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, VaultJsonContext.Default.VaultEnvelopeVaultTokenFacts) ?? throw VaultFailures.NotVault(Server, $"{call} with null");
        }
        catch (JsonException)
        {
            throw VaultFailures.NotVault(Server, $"{call} with something that is no JSON of its API");
        }
    }
}
