using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Secrets;

/// <summary>The signing request that a person is to have signed, for download: one Secret for each policy, as long as somebody is waited for.</summary>
public sealed class SigningRequestSecrets(IKubernetesClient client)
{
    public const string RequestKey = "tls.csr";

    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);

    /// <summary>Writes the request of a run in place of that of an earlier one.</summary>
    /// <exception cref="CredentialException">Somebody else has a Secret of that name.</exception>
    public async Task WriteAsync(CertificateRenewalPolicy policy, string run, string signingRequestPem, CancellationToken cancellationToken)
    {
        var name = new NamespacedName(policy.Metadata.Namespace!, Naming.SigningRequestSecret(policy.Metadata.Name));
        var existing = await _secrets.FindAsync(name, cancellationToken);
        if (existing is not null && existing.Type != WellKnown.SigningRequestSecretType)
        {
            throw new CredentialException($"Secret {name.Name} has type {existing.Type}; the operator needs that name for the signing request. Rename or delete it.");
        }

        var secret = new Secret
        {
            Metadata = new ObjectMeta
            {
                Name = name.Name,
                Namespace = name.Namespace,
                ResourceVersion = existing?.Metadata.ResourceVersion,
                Labels = new Dictionary<string, string>
                {
                    [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue,
                    [WellKnown.PolicyLabel] = Naming.Label(policy.Metadata.Name),
                    [WellKnown.RunLabel] = Naming.Label(run),
                },
                OwnerReferences = [Ownership.By(policy)],
            },
            Type = WellKnown.SigningRequestSecretType,
            Data = new Dictionary<string, byte[]> { [RequestKey] = Encoding.ASCII.GetBytes(signingRequestPem) },
        };
        await (existing is null ? _secrets.CreateAsync(secret, cancellationToken) : _secrets.UpdateAsync(secret, cancellationToken));
    }

    /// <summary>Takes the request away that nobody has to sign any more.</summary>
    public async Task RemoveAsync(string @namespace, string policy, CancellationToken cancellationToken)
    {
        if (await _secrets.FindAsync(new NamespacedName(@namespace, Naming.SigningRequestSecret(policy)), cancellationToken) is { Type: WellKnown.SigningRequestSecretType } secret)
        {
            await Deletion.TryDeleteAsync(_secrets, secret, cancellationToken);
        }
    }
}
