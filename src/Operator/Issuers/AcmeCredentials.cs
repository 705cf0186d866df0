using System.Text;
using CertOperator.Acme;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Issuers;

/// <summary>Fetches the Secrets that an ACME account is in, always from the policy's own namespace, and makes the account's key.</summary>
public sealed class AcmeCredentials(IKubernetesClient client, SecretValues values) : IIssuerCredentials
{
    public const string AccountKey = "tls.key";
    private const string DefaultHmacKey = "hmacKey";

    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);

    async Task<Issuer> IIssuerCredentials.ResolveAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
        => await ResolveAsync(@namespace, (ResolvedAcmeIssuer)issuer, cancellationToken);

    /// <exception cref="CredentialException">A Secret is missing or does not hold what it must.</exception>
    public async Task<AcmeIssuer> ResolveAsync(string @namespace, ResolvedAcmeIssuer issuer, CancellationToken cancellationToken)
        => new()
        {
            Field = issuer.Field,
            Server = issuer.Server,
            Email = issuer.Email,
            CaBundle = issuer.CaBundle,
            PreferredChain = issuer.PreferredChain,
            Profile = issuer.Profile,
            ExternalAccount = await ExternalAccountAsync(@namespace, issuer, cancellationToken),
            AccountKeyPem = await AccountKeyAsync(@namespace, issuer, cancellationToken),
        };

    /// <summary>Whether the account's key has been made.</summary>
    public async Task<bool> HasAccountAsync(string @namespace, ResolvedAcmeIssuer issuer, CancellationToken cancellationToken)
        => await _secrets.FindAsync(new NamespacedName(@namespace, issuer.AccountSecretName), cancellationToken) is not null;

    /// <summary>Takes away an account's key that was made in vain, where no other has taken its place.</summary>
    public async Task DiscardAccountAsync(string @namespace, AcmeIssuer account, string secretName, CancellationToken cancellationToken)
    {
        if (await _secrets.FindAsync(new NamespacedName(@namespace, secretName), cancellationToken) is { } secret
            && secret.Data?.GetValueOrDefault(AccountKey) is { } pem && Encoding.UTF8.GetString(pem) == account.AccountKeyPem)
        {
            await Deletion.TryDeleteAsync(_secrets, secret, cancellationToken);
        }
    }

    public Task CheckAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
        => ExternalAccountAsync(@namespace, (ResolvedAcmeIssuer)issuer, cancellationToken);

    private async Task<ExternalAccountCredentials?> ExternalAccountAsync(string @namespace, ResolvedAcmeIssuer issuer, CancellationToken cancellationToken)
    {
        if (issuer.ExternalAccount is not { } binding)
        {
            return null;
        }

        var field = $"{issuer.Field}.externalAccountBinding.secretName";
        var name = binding.Key ?? DefaultHmacKey;
        var key = await values.ReadAsync(@namespace, binding.SecretName, name, field, cancellationToken);
        try
        {
            ExternalAccountBinding.Create(binding.KeyId, key);
        }
        catch (AcmeCredentialException e)
        {
            throw new CredentialException($"{field}: key {name} of Secret {binding.SecretName} cannot be used. {e.Message}", e);
        }

        return new ExternalAccountCredentials(binding.KeyId, key);
    }

    private async Task<string> AccountKeyAsync(string @namespace, ResolvedAcmeIssuer issuer, CancellationToken cancellationToken)
    {
        var name = new NamespacedName(@namespace, issuer.AccountSecretName);
        var secret = await _secrets.FindAsync(name, cancellationToken);
        if (secret is null)
        {
            using var key = Acme.AccountKey.Create(AccountKeyAlgorithm.ES256);
            secret = await CreateAsync(name, issuer, key.ToPkcs8Pem(), cancellationToken);
        }

        var field = $"{issuer.Field}.accountSecretName";
        switch (secret.Data?.GetValueOrDefault(AccountKey))
        {
            case null or { Length: 0 }:
                throw new CredentialException($"{field}: Secret {name.Name} has no key {AccountKey}. Put the account's private key there in PEM, or name a Secret that does not exist yet.");

            case { Length: var length } when length > PemLimits.Stored.KeyBytes:
                throw new CredentialException($"{field}: {AccountKey} of Secret {name.Name} is larger than any private key.");

            case var pem:
                try
                {
                    var text = Encoding.UTF8.GetString(pem);
                    Acme.AccountKey.FromPem(text).Dispose();
                    return text;
                }
                catch (AcmeCredentialException e)
                {
                    throw new CredentialException($"{field}: {AccountKey} of Secret {name.Name} cannot be used. {e.Message}", e);
                }
        }
    }

    /// <summary>The key is stored before the CA hears of it, so that no account is lost; of two that make it, the first wins.</summary>
    private async Task<Secret> CreateAsync(NamespacedName name, ResolvedAcmeIssuer issuer, string pem, CancellationToken cancellationToken)
    {
        try
        {
            return await _secrets.CreateAsync(
                new Secret
                {
                    Metadata = new ObjectMeta
                    {
                        Name = name.Name,
                        Namespace = name.Namespace,
                        Labels = new Dictionary<string, string> { [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue },
                        Annotations = new Dictionary<string, string> { [WellKnown.SecretServer] = issuer.Server.AbsoluteUri },
                    },
                    Type = WellKnown.AccountSecretType,
                    Data = new Dictionary<string, byte[]> { [AccountKey] = Encoding.ASCII.GetBytes(pem) },
                },
                cancellationToken);
        }
        catch (AlreadyExistsException)
        {
            return await _secrets.GetAsync(name, cancellationToken);
        }
    }
}
