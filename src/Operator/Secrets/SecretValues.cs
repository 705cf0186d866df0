using System.Text;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Providers.Aws;

namespace CertOperator.Operator.Secrets;

/// <summary>Reads single values of Secrets that users name, always from the namespace that the name was written in.</summary>
public sealed class SecretValues(IKubernetesClient client)
{
    private const int MaxBytes = 16 * 1024;

    /// <summary>
    /// What is in these was made for something else, and would go to a server that the policy names: whoever may write policies may not
    /// read Secrets for that.
    /// </summary>
    private static readonly HashSet<string> NotForPolicies =
    [
        "kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token", WellKnown.StateSecretType, WellKnown.AccountSecretType, WellKnown.MasterKeySecretType,
    ];

    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);

    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The Secret.</param>
    /// <param name="key">The key in it.</param>
    /// <param name="field">Where the user named it; messages start with it.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="CredentialException">It is missing, empty or too large.</exception>
    public async Task<string> ReadAsync(string @namespace, string name, string key, string field, CancellationToken cancellationToken)
        => await FindAsync(@namespace, name, key, field, cancellationToken) ?? throw new CredentialException($"{field}: Secret {name} has no key {key}. Add it.");

    /// <summary>A value that goes into a header, where line breaks and the like would mean something else.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<string> ReadHeaderAsync(string @namespace, string name, string key, string field, CancellationToken cancellationToken)
        => await ReadAsync(@namespace, name, key, field, cancellationToken) is var value && value.All(c => c is > ' ' and <= '~')
            ? value
            : throw new CredentialException($"{field}: key {key} of Secret {name} holds blanks, line breaks or other characters than ASCII. Store the value alone.");

    /// <summary>An access key for AWS: accessKeyId, secretAccessKey and, for a temporary one, sessionToken.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<AwsAccessKey> ReadAwsKeyAsync(string @namespace, string name, string field, CancellationToken cancellationToken)
        => new(
            await ReadHeaderAsync(@namespace, name, "accessKeyId", field, cancellationToken),
            await ReadAsync(@namespace, name, "secretAccessKey", field, cancellationToken),
            await FindAsync(@namespace, name, "sessionToken", field, cancellationToken) is null ? null : await ReadHeaderAsync(@namespace, name, "sessionToken", field, cancellationToken));

    /// <summary>Null where the Secret is there and has no such key.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<string?> FindAsync(string @namespace, string name, string key, string field, CancellationToken cancellationToken)
    {
        var secret = await _secrets.FindAsync(new NamespacedName(@namespace, name), cancellationToken)
            ?? throw new CredentialException($"{field}: Secret {name} does not exist in namespace {@namespace}. Create it with key {key}.");
        if (NotForPolicies.Contains(secret.Type ?? ""))
        {
            throw new CredentialException($"{field}: Secret {name} has type {secret.Type}, whose contents are not handed on. Put what is meant into a Secret of type Opaque.");
        }

        return secret.Data?.GetValueOrDefault(key) switch
        {
            null or { Length: 0 } => null,
            { Length: > MaxBytes } => throw new CredentialException($"{field}: key {key} of Secret {name} is larger than {MaxBytes / 1024} KiB."),
            var value => Encoding.UTF8.GetString(value).TrimEnd('\r', '\n'),
        };
    }
}
