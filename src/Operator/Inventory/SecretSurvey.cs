using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Inventory;

/// <summary>
/// Finds the Secrets of type kubernetes.io/tls that no policy manages. It lists metadata alone, and of a Secret it reads the
/// certificate alone: a key is never taken over from an answer.
/// </summary>
public sealed class SecretSurvey(IKubernetesClient client, ResourceStores stores)
{
    /// <summary>Annotations may hold 256 KiB each, and kubectl keeps a copy of whole objects there: a page must not fill the memory.</summary>
    private const int PageSize = 100;

    private const int LongestText = 253;

    private readonly IResourceClient<PartialObjectMetadata> _metadata = client.Resource(CoreResources.SecretMetadata);
    private readonly IResourceClient<TlsCertificateSecret> _certificates = client.Resource(CoreResources.TlsCertificates);

    /// <summary>Lists one namespace.</summary>
    /// <param name="namespace">The namespace; empty for all.</param>
    /// <param name="most">How many unmanaged Secrets are wanted; further ones are only counted.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="KubernetesException">It could not be seen to its end.</exception>
    public async Task<SecretListing> ListAsync(string @namespace, int most, CancellationToken cancellationToken)
    {
        var unmanaged = new Dictionary<NamespacedName, UnmanagedSecret>();
        var (managed, leftOut) = (0, 0);
        var options = new ListOptions { Namespace = @namespace, FieldSelector = $"type={WellKnown.TlsSecretType}", Limit = PageSize };
        await foreach (var secret in _metadata.ListAsync(options, cancellationToken))
        {
            var name = NamespacedName.Of(secret);
            if (SecretManagement.IsManaged(secret.Metadata, stores))
            {
                managed++;
            }
            else if (unmanaged.Count < most || unmanaged.ContainsKey(name))
            {
                var (renewedBy, renewer) = Renewers.Of(secret.Metadata);
                unmanaged[name] = new UnmanagedSecret(name, UnmanagedSecret.VersionOf(secret.Metadata), renewedBy, renewer);
            }
            else
            {
                leftOut++;
            }
        }

        return new SecretListing(unmanaged, managed, leftOut);
    }

    /// <summary>Reads one; null where it is gone meanwhile. Whatever stands in it, that is no error.</summary>
    /// <exception cref="KubernetesException">The API server did not answer.</exception>
    public async Task<UnmanagedCertificate?> ReadAsync(UnmanagedSecret secret, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(secret);
        try
        {
            return await _certificates.FindAsync(secret.Name, cancellationToken) is { } read
                ? Parse(secret with { Version = UnmanagedSecret.VersionOf(read.Metadata) }, read.Data?.Certificate)
                : null;
        }
        catch (ForbiddenException)
        {
            // The right may come without another version of the Secret.
            return new UnmanagedCertificate { Secret = secret with { Version = "" }, Unreadable = UnmanagedCertificate.Forbidden };
        }
    }

    /// <summary>Whether a policy tells of the certificate by now.</summary>
    public bool HasPolicy(UnmanagedCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return SecretManagement.HasPolicy(stores, certificate.Secret.Name.Namespace, certificate.Secret.Name.Name);
    }

    private static UnmanagedCertificate Parse(UnmanagedSecret secret, byte[]? pem)
    {
        try
        {
            var facts = FirstCertificate.Read(pem, PemLimits.Stored);
            return new UnmanagedCertificate
            {
                Secret = secret,
                Hostname = Naming.Cut(facts.Names.FirstOrDefault() ?? facts.Subject, LongestText),
                Issuer = Naming.Cut(facts.Issuer, LongestText),
                NotBefore = facts.NotBefore,
                NotAfter = facts.NotAfter,
            };
        }
        catch (PkiException e)
        {
            return new UnmanagedCertificate { Secret = secret, Unreadable = e.Reason };
        }
    }
}
