using System.Text;
using CertOperator.Operator.Challenges;
using CertOperator.Operator.Challenges.Http01;
using CertOperator.Operator.Deployments;
using CertOperator.Operator.Issuers;
using CertOperator.Operator.Keys;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Webhooks;

namespace CertOperator.Operator.Secrets;

/// <summary>Fetches what is in the Secrets that a policy names, always from its own namespace.</summary>
public sealed class PolicyCredentials(ProviderRegistry providers, KeyBackends keys, SecretValues values, SolverCredentials solvers, Http01Solvers http01, DeployTargets targets)
{
    private const string PasswordKey = "password";
    private const int ShortestSigningKey = 16;

    /// <summary>Looks whether everything that a policy names is there, without making anything.</summary>
    /// <param name="namespace">The policy's.</param>
    /// <param name="policy">What is wanted.</param>
    /// <param name="deploys">False where a certificate is in use: who gets the next one, or is told of it, must not keep it from being renewed.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async Task<PolicyProblem?> FindProblemAsync(string @namespace, ResolvedPolicy policy, bool deploys, CancellationToken cancellationToken)
    {
        try
        {
            await providers.CredentialsOf(policy.Issuer).CheckAsync(@namespace, policy.Issuer, cancellationToken);
            if (policy.KeyBackend is { } backend)
            {
                await keys.OpenAsync(@namespace, backend, cancellationToken);
            }

            await PasswordAsync(@namespace, policy, cancellationToken);
            foreach (var webhook in deploys ? policy.Deploy.Webhooks : [])
            {
                await SigningKeyAsync(@namespace, webhook, cancellationToken);
            }

            foreach (var target in deploys ? policy.Deploy.Targets : [])
            {
                await targets.OpenAsync(@namespace, target, cancellationToken);
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

    /// <summary>What the messages to a webhook are signed with.</summary>
    public async Task<byte[]> SigningKeyAsync(string @namespace, ResolvedWebhook webhook, CancellationToken cancellationToken)
    {
        var field = $"{webhook.Field}.secretName";
        var key = Encoding.UTF8.GetBytes(await values.ReadAsync(@namespace, webhook.SecretName, WebhookSignature.SecretKey, field, cancellationToken));
        return key.Length >= ShortestSigningKey
            ? key
            : throw new CredentialException($"{field}: key {WebhookSignature.SecretKey} of Secret {webhook.SecretName} is shorter than {ShortestSigningKey} bytes. Put a random one there, such as that of: openssl rand -hex 32");
    }
}
