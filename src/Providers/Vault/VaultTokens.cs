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

    /// <summary>Forgets a token that Vault does not know any more, unless another has taken its place.</summary>
    internal void Forget(VaultLogins logins, VaultToken token)
    {
        if (_tokens.TryGetValue(logins.Identity, out var entry) && entry.Value is { IsCompletedSuccessfully: true } task && ReferenceEquals(task.GetAwaiter().GetResult(), token))
        {
            _tokens.TryRemove(KeyValuePair.Create(logins.Identity, entry));
        }
    }

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
