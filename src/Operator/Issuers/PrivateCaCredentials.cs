using System.Text;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Authorities;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;
using CertOperator.Providers.PrivateCa;

namespace CertOperator.Operator.Issuers;

/// <summary>Fetches the key pair of a private CA from the policy's own namespace, and makes one that looks after itself.</summary>
public sealed class PrivateCaCredentials(PrivateRootStore roots) : IIssuerCredentials
{
    public async Task<Issuer> ResolveAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
    {
        var resolved = (ResolvedPrivateCaIssuer)issuer;
        var name = new NamespacedName(@namespace, resolved.SecretName);
        var secret = await roots.FindAsync(name, cancellationToken);
        if (secret is null && resolved.Root is { } root)
        {
            await CheckBundleAsync(name, root, cancellationToken);
            secret = await roots.EnsureAsync(name, root, cancellationToken);
        }

        Check(@namespace, resolved, secret);
        return new PrivateCaIssuer
        {
            Field = resolved.Field,
            Server = resolved.Server,
            SecretName = resolved.SecretName,
            ChainPem = Encoding.UTF8.GetString(secret!.Data![WellKnown.TlsCertificateKey]),
            KeyPem = Encoding.UTF8.GetString(secret.Data[WellKnown.TlsPrivateKeyKey]),
            Lifetime = resolved.Lifetime,
            CrlUrls = resolved.CrlUrls,
            IssuerUrls = resolved.IssuerUrls,
        };
    }

    public async Task CheckAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
    {
        var resolved = (ResolvedPrivateCaIssuer)issuer;
        var name = new NamespacedName(@namespace, resolved.SecretName);
        var secret = await roots.FindAsync(name, cancellationToken);
        if (secret is null && resolved.Root is { } root)
        {
            await CheckBundleAsync(name, root, cancellationToken);
            return;
        }

        Check(@namespace, resolved, secret);
    }

    /// <summary>Before the CA is made only: one that is trusted goes on signing, whatever becomes of its ConfigMap.</summary>
    private async Task CheckBundleAsync(NamespacedName name, PrivateRoot root, CancellationToken cancellationToken)
    {
        if (PrivateRootStore.BundleObstacle(await roots.FindBundleAsync(new NamespacedName(name.Namespace, root.BundleName), cancellationToken), name.Name) is { } obstacle)
        {
            throw new CredentialException(obstacle);
        }
    }

    private static void Check(string @namespace, ResolvedPrivateCaIssuer issuer, Secret? secret)
    {
        var field = $"{issuer.Field}.secretName";
        if (secret is null)
        {
            throw new CredentialException($"{field}: Secret {issuer.SecretName} does not exist in namespace {@namespace}. Create it with the CA's {WellKnown.TlsCertificateKey} and {WellKnown.TlsPrivateKeyKey}, or add {issuer.Field}.root to have one made.");
        }

        if (issuer.Root is not null && !PrivateRootState.IsOwn(secret))
        {
            throw new CredentialException($"{field}: Secret {issuer.SecretName} exists and holds nothing that the operator made, so it cannot look after it. Remove {issuer.Field}.root, or name a Secret that does not exist.");
        }

        foreach (var (key, limit) in new[] { (WellKnown.TlsCertificateKey, PemLimits.Stored.ChainBytes), (WellKnown.TlsPrivateKeyKey, PemLimits.Stored.KeyBytes) })
        {
            switch (secret.Data?.GetValueOrDefault(key)?.Length ?? 0)
            {
                case 0:
                    throw new CredentialException($"{field}: Secret {issuer.SecretName} has no key {key}. Add it.");

                case var length when length > limit:
                    throw new CredentialException($"{field}: key {key} of Secret {issuer.SecretName} is larger than {limit} bytes.");
            }
        }
    }
}
