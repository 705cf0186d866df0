using System.Text;
using CertOperator.Acme;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Challenges;
using CertOperator.Operator.Challenges.Http01;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Webhooks;

namespace CertOperator.Operator.Secrets;

/// <summary>Fetches the Secrets that an issuer's credentials are in, always from the policy's own namespace, and makes the account's key.</summary>
public sealed class IssuerCredentials(IKubernetesClient client, SecretValues values, SolverCredentials solvers, Http01Solvers http01)
{
    public const string AccountKey = "tls.key";
    private const string DefaultHmacKey = "hmacKey";
    private const string PasswordKey = "password";
    private const int ShortestSigningKey = 16;

    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);

    /// <exception cref="CredentialException">A Secret is missing or does not hold what it must.</exception>
    public async Task<AcmeIssuer> ResolveAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
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
    public async Task<bool> HasAccountAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
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

    /// <summary>Looks whether everything that a policy names is there, without making anything.</summary>
    /// <param name="namespace">The policy's.</param>
    /// <param name="policy">What is wanted.</param>
    /// <param name="webhooks">False where a certificate is in use: who is told of its renewal must not keep it from being renewed.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async Task<PolicyProblem?> FindProblemAsync(string @namespace, ResolvedPolicy policy, bool webhooks, CancellationToken cancellationToken)
    {
        try
        {
            await ExternalAccountAsync(@namespace, policy.Issuer, cancellationToken);
            await PasswordAsync(@namespace, policy, cancellationToken);
            foreach (var webhook in webhooks ? policy.Deploy.Webhooks : [])
            {
                await SigningKeyAsync(@namespace, webhook, cancellationToken);
            }

            foreach (var solver in policy.Solvers.Values.Distinct().Where(s => s.Dns01 is not null))
            {
                await solvers.ResolveAsync(@namespace, solver, cancellationToken);
            }

            return await FindSolverProblemAsync(@namespace, policy, cancellationToken);
        }
        catch (CredentialException e)
        {
            return new PolicyProblem(PolicyReasons.MissingSecret, e.Message);
        }
    }

    /// <summary>The password of the PKCS#12 key store; null where none is wanted.</summary>
    public async Task<string?> PasswordAsync(string @namespace, ResolvedPolicy policy, CancellationToken cancellationToken)
        => policy.Outputs.FirstOrDefault(o => o.PasswordSecretName is not null)?.PasswordSecretName is { } name
            ? await values.ReadAsync(@namespace, name, PasswordKey, "spec.outputs.passwordSecretName", cancellationToken)
            : null;

    private async Task<PolicyProblem?> FindSolverProblemAsync(string @namespace, ResolvedPolicy policy, CancellationToken cancellationToken)
    {
        foreach (var solver in policy.Solvers.Values.Distinct())
        {
            if (await http01.FindProblemAsync(@namespace, solver, cancellationToken) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private async Task<ExternalAccountCredentials?> ExternalAccountAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
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

    /// <summary>What the messages to a webhook are signed with.</summary>
    public async Task<byte[]> SigningKeyAsync(string @namespace, ResolvedWebhook webhook, CancellationToken cancellationToken)
    {
        var field = $"{webhook.Field}.secretName";
        var key = Encoding.UTF8.GetBytes(await values.ReadAsync(@namespace, webhook.SecretName, WebhookSignature.SecretKey, field, cancellationToken));
        return key.Length >= ShortestSigningKey
            ? key
            : throw new CredentialException($"{field}: key {WebhookSignature.SecretKey} of Secret {webhook.SecretName} is shorter than {ShortestSigningKey} bytes. Put a random one there, such as that of: openssl rand -hex 32");
    }

    private async Task<string> AccountKeyAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
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
    private async Task<Secret> CreateAsync(NamespacedName name, ResolvedIssuer issuer, string pem, CancellationToken cancellationToken)
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
