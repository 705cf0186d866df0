using CertOperator.Kubernetes;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Vault;

namespace CertOperator.Operator.Issuers;

/// <summary>Puts a Vault server together with what the operator logs in with: Secrets and service accounts of the policy's namespace, and no other.</summary>
public sealed class VaultIdentities(IKubernetesClient client, SecretValues secrets)
{
    private const string SecretIdKey = "secretId";
    private const string TokenKey = "token";
    private const string DefaultAccount = "default";
    private const string DefaultAudience = "vault";

    /// <summary>The least that the API server gives. The token is used once.</summary>
    private const int TokenSeconds = 600;

    private readonly IResourceClient<TokenRequest> _tokens = client.Resource(ServiceAccountResources.TokenRequests);
    private volatile IReadOnlyList<string>? _ownAudiences;

    /// <exception cref="CredentialException">A Secret is missing or does not hold what it must.</exception>
    public async Task<VaultServer> ResolveAsync(string @namespace, ResolvedVault vault, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        return new VaultServer
        {
            Field = vault.Field,
            Address = vault.Address,
            Namespace = vault.Namespace,
            CaBundle = vault.CaBundle,
            Login = await LoginAsync(@namespace, vault, cancellationToken),
        };
    }

    private async Task<VaultLogin> LoginAsync(string @namespace, ResolvedVault vault, CancellationToken cancellationToken)
    {
        var field = $"{vault.Field}.auth";
        switch (vault.Auth)
        {
            case { Token: { } token }:
                var value = await secrets.ReadHeaderAsync(@namespace, token.SecretName, TokenKey, $"{field}.token.secretName", cancellationToken);
                return new VaultLogin.Token(value) { Field = $"{field}.token.secretName" };

            case { AppRole: { } appRole }:
                var secretId = await secrets.ReadAsync(@namespace, appRole.SecretName, SecretIdKey, $"{field}.appRole.secretName", cancellationToken);
                return new VaultLogin.AppRole(VaultRules.AppRoleMount(appRole), appRole.RoleId, secretId) { Field = $"{field}.appRole" };

            case { Kubernetes: { } kubernetes }:
                var account = new NamespacedName(@namespace, kubernetes.ServiceAccount ?? DefaultAccount);
                var audience = kubernetes.Audience ?? DefaultAudience;
                var name = $"{field}.kubernetes";
                return new VaultLogin.Kubernetes(VaultRules.KubernetesMount(kubernetes), kubernetes.Role, $"{account} for audience {audience}", ct => RequestTokenAsync(account, audience, name, ct)) { Field = name };

            default:
                throw new CredentialException($"{field}: says of no way in. Set exactly one of kubernetes, appRole and token.");
        }
    }

    /// <summary>
    /// Whoever may write policies names both the audience and the server that the token is sent to. A token that the API server itself takes
    /// would make that person the service account, and never leaves the cluster.
    /// </summary>
    private async Task<string> RequestTokenAsync(NamespacedName account, string audience, string field, CancellationToken cancellationToken)
    {
        // A token for nobody in particular is for the API server, by whatever names that goes; they stay the same as long as it runs.
        _ownAudiences ??= ServiceAccountTokens.FindAudiences(await CreateAsync(account, [], field, cancellationToken))
            ?? throw Refused(account, field, "the API server gives out tokens that do not say whom they are for", IssuanceFailure.NeedsManual, null);
        return _ownAudiences.Contains(audience)
            ? throw new IssuanceException(
                IssuanceFailure.NeedsManual,
                VaultReasons.LoginRefused,
                $"{field}.audience: a token for {audience} is one for the API server itself and is not sent anywhere. Name an audience that only Vault has, and the same in the role of its auth method.")
            : await CreateAsync(account, [audience], field, cancellationToken);
    }

    private async Task<string> CreateAsync(NamespacedName account, IReadOnlyList<string> audiences, string field, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _tokens.CreateAsync(
                new TokenRequest
                {
                    Metadata = new ObjectMeta { Name = account.Name, Namespace = account.Namespace },
                    Spec = new TokenRequestSpec { Audiences = audiences, ExpirationSeconds = TokenSeconds },
                },
                cancellationToken);
            return answer.Status?.Token ?? throw Refused(account, field, "the API server answered without one", IssuanceFailure.Transient, null);
        }
        catch (NotFoundException e)
        {
            throw Refused(account, field, $"there is no such service account. Create it, or correct {field}.serviceAccount", IssuanceFailure.NeedsManual, e);
        }
        catch (ForbiddenException e)
        {
            throw Refused(account, field, $"{e.Message}. Grant the operator's service account the verb create on serviceaccounts/token, resource name {account.Name}, in that namespace", IssuanceFailure.NeedsManual, e);
        }
        catch (KubernetesException e)
        {
            throw Refused(account, field, e.Message, e.NeedsMending ? IssuanceFailure.NeedsManual : IssuanceFailure.Transient, e);
        }
    }

    private static IssuanceException Refused(NamespacedName account, string field, string why, IssuanceFailure failure, Exception? inner)
        => new(failure, VaultReasons.LoginRefused, $"{field}: no token of service account {account.Name} in namespace {account.Namespace} could be had: {why.TrimEnd('.')}.", inner: inner);
}
