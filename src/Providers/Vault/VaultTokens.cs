using System.Collections.Concurrent;

namespace CertOperator.Providers.Vault;

/// <summary>
/// Tokens of Vault, one per server, namespace and identity, shared by all runs. One is renewed when two thirds of its time are over,
/// and a new one is asked for where that is not possible. What is lost with the process costs a login.
/// </summary>
public sealed class VaultTokens
{
    /// <summary>Tenants choose servers, so the number of entries is theirs to grow; starting over costs a login each.</summary>
    private const int MaxEntries = 1000;

    private readonly ConcurrentDictionary<string, Lazy<Task<VaultToken>>> _tokens = new();

    internal async Task<VaultToken> GetAsync(VaultLogins logins, CancellationToken cancellationToken)
    {
        if (_tokens.Count > MaxEntries)
        {
            _tokens.Clear();
        }

        // Where all that waited for it had gone when it failed, it is still there.
        if (_tokens.TryGetValue(logins.Identity, out var left) && left.IsValueCreated && left.Value is { IsFaulted: true } or { IsCanceled: true })
        {
            _tokens.TryRemove(KeyValuePair.Create(logins.Identity, left));
        }

        var entry = _tokens.GetOrAdd(logins.Identity, _ => new Lazy<Task<VaultToken>>(() => logins.LogInAsync()));
        var token = await WaitAsync(logins.Identity, entry, cancellationToken);
        if (!logins.IsDue(token))
        {
            return token;
        }

        // Of those who find it due at once one renews it; the others wait for that.
        var renewal = new Lazy<Task<VaultToken>>(() => logins.RenewAsync(token));
        var current = _tokens.AddOrUpdate(logins.Identity, renewal, (_, known) => ReferenceEquals(known, entry) ? renewal : known);
        return await WaitAsync(logins.Identity, current, cancellationToken);
    }

    /// <summary>
    /// Logs in again although Vault knows the token: what has been granted to the identity meanwhile counts for new tokens only.
    /// The same token where there is no other to be had.
    /// </summary>
    internal async Task<VaultToken> ReplaceAsync(VaultLogins logins, VaultToken token, CancellationToken cancellationToken)
    {
        var replacement = new Lazy<Task<VaultToken>>(() => logins.LogInAgainAsync(token));
        var current = _tokens.AddOrUpdate(logins.Identity, replacement, (_, known) => Holds(known, token) ? replacement : known);
        return await WaitAsync(logins.Identity, current, cancellationToken);
    }

    /// <summary>Forgets a token that Vault does not know any more, unless another has taken its place.</summary>
    internal void Forget(VaultLogins logins, VaultToken token)
    {
        if (_tokens.TryGetValue(logins.Identity, out var entry) && Holds(entry, token))
        {
            _tokens.TryRemove(KeyValuePair.Create(logins.Identity, entry));
        }
    }

    private static bool Holds(Lazy<Task<VaultToken>> entry, VaultToken token)
        => entry.IsValueCreated && entry.Value is { IsCompletedSuccessfully: true } task && ReferenceEquals(task.GetAwaiter().GetResult(), token);

    /// <summary>Shared by all runs that wait for it: one that is cancelled must not cancel it for the others.</summary>
    private async Task<VaultToken> WaitAsync(string identity, Lazy<Task<VaultToken>> entry, CancellationToken cancellationToken)
    {
        try
        {
            return await entry.Value.WaitAsync(cancellationToken);
        }
        catch (Exception) when (entry.Value is { IsFaulted: true } or { IsCanceled: true })
        {
            _tokens.TryRemove(KeyValuePair.Create(identity, entry));
            throw;
        }
    }
}
