using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CertOperator.Acme;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Acme;

/// <summary>
/// Clients and accounts of ACME servers, one each per server and key, made when first asked for and shared by all runs.
/// An account is found or registered by the same request (RFC 8555, section 7.3.1), so nothing but its key has to be stored.
/// </summary>
public sealed class AcmeAccounts(EgressHttpClients http, AcmeClientOptions options, TimeProvider timeProvider, IAcmeRequestObserver observer)
{
    /// <summary>Tenants choose servers, so the number of entries is theirs to grow; starting over costs a directory request each.</summary>
    private const int MaxEntries = 1000;

    private readonly ConcurrentDictionary<string, AcmeClient> _clients = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<AccountSession>>> _sessions = new();

    public AcmeClient Client(Uri server, string? caBundle)
    {
        if (_clients.Count > MaxEntries)
        {
            _clients.Clear();
        }

        return _clients.GetOrAdd(Hash(server.AbsoluteUri, caBundle), _ => new AcmeClient(http.Get(caBundle), server, options, timeProvider, observer));
    }

    /// <summary>The account's client; registers the account where the server does not know its key.</summary>
    public async Task<AccountSession> SessionAsync(AcmeIssuer issuer, CancellationToken cancellationToken)
    {
        if (_sessions.Count > MaxEntries)
        {
            _sessions.Clear();
        }

        // Shared by all runs that wait for the account: one that is cancelled must not cancel it for the others.
        var key = KeyOf(issuer);
        var session = _sessions.GetOrAdd(key, _ => new Lazy<Task<AccountSession>>(() => RegisterAsync(issuer)));
        try
        {
            return await session.Value.WaitAsync(cancellationToken);
        }
        catch (Exception) when (session.Value.IsFaulted)
        {
            _sessions.TryRemove(KeyValuePair.Create(key, session));
            throw;
        }
    }

    /// <summary>The account as the server knows it now, which registers none (RFC 8555, section 7.3.1); null where the server does not know its key.</summary>
    public async Task<AcmeAccount?> LookUpAsync(AcmeIssuer issuer, CancellationToken cancellationToken)
    {
        var client = Client(issuer.Server, issuer.CaBundle);
        using var key = AccountKey.FromPem(issuer.AccountKeyPem);
        var request = new NewAccountRequest { OnlyReturnExisting = true };
        try
        {
            try
            {
                return await client.CreateAccountAsync(key, request, cancellationToken);
            }
            catch (AcmeProblemException e) when (e.Kind == AcmeErrorKind.ExternalAccountRequired && issuer.ExternalAccount is not null)
            {
                // A server that asks for the binding before it looks.
                return await client.CreateAccountAsync(key, request with { ExternalAccountBinding = BindingOf(issuer) }, cancellationToken);
            }
        }
        catch (AcmeProblemException e) when (e.Kind == AcmeErrorKind.AccountDoesNotExist)
        {
            Forget(issuer);
            return null;
        }
    }

    /// <summary>Forgets an account that the server no longer knows; the next call registers it again.</summary>
    public void Forget(AcmeIssuer issuer) => _sessions.TryRemove(KeyOf(issuer), out _);

    private static string KeyOf(AcmeIssuer issuer) => Hash(issuer.Server.AbsoluteUri, issuer.AccountKeyPem, issuer.CaBundle);

    private static ExternalAccountBinding? BindingOf(AcmeIssuer issuer)
        => issuer.ExternalAccount is { } binding ? ExternalAccountBinding.Create(binding.KeyId, binding.HmacKey) : null;

    /// <summary>Bundles are large and keys secret: neither is kept only to be compared. The lengths keep what belongs to one part out of the next.</summary>
    private static string Hash(params ReadOnlySpan<string?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part ?? "");
            hash.AppendData(BitConverter.GetBytes(part is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private async Task<AccountSession> RegisterAsync(AcmeIssuer issuer)
    {
        var client = Client(issuer.Server, issuer.CaBundle);
        var key = AccountKey.FromPem(issuer.AccountKeyPem);
        var contacts = AccountContacts.Of(issuer);
        var account = await client.CreateAccountAsync(
            key,
            new NewAccountRequest
            {
                Contacts = contacts,
                TermsOfServiceAgreed = true,
                ExternalAccountBinding = BindingOf(issuer),
            },
            CancellationToken.None);
        return new AccountSession(client, client.Account(key, account.Url), key, account) { Contacts = account.Created ? contacts : account.Contacts };
    }
}

/// <summary>An account as it is used: the client that signs for it, its key and what the server said of it.</summary>
public sealed record AccountSession(AcmeClient Client, AcmeAccountClient Account, AccountKey Key, AcmeAccount Details)
{
    /// <summary>What the CA was told last, by this process or, as far as it says, by an earlier one.</summary>
    public required IReadOnlyList<string> Contacts { get; set; }

    public override string ToString() => $"AccountSession {{ {Details.Url} }}";
}
