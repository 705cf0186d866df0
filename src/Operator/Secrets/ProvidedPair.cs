using System.Text;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>A certificate that a person has put into a Secret so that a run takes it over, with its key or for the key that the run has staged; checked. Owns key and chain.</summary>
public sealed class ProvidedPair : IDisposable
{
    private ProvidedPair(ICertificateKey key, CertificateChain chain) => (Key, Chain) = (key, chain);

    public ICertificateKey Key { get; }

    public CertificateChain Chain { get; }

    /// <param name="secret">What was read; null where there is no such Secret.</param>
    /// <param name="name">Its name.</param>
    /// <param name="policy">What the certificate is for.</param>
    /// <param name="findStaged">Finds the key that the run has staged; asked where the Secret holds none.</param>
    /// <param name="now">The time to judge validity at.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="CredentialException">The pair cannot be used; says why and what to do.</exception>
    public static async Task<ProvidedPair> ReadAsync(
        Secret? secret, string name, ResolvedPolicy policy, Func<CancellationToken, Task<ICertificateKey?>> findStaged, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(findStaged);
        if (secret is null)
        {
            throw new CredentialException($"Secret {name} does not exist in the policy's namespace. It needs {WellKnown.TlsCertificateKey} and {WellKnown.TlsPrivateKeyKey}, or {WellKnown.TlsCertificateKey} alone for the key that the run has staged.");
        }

        var pair = secret.Data?.GetValueOrDefault(WellKnown.TlsPrivateKeyKey) is { Length: > 0 } ? WithKey(secret, name, policy) : await ForStagedAsync(secret, name, findStaged, cancellationToken);

        // A certificate for more names, or a wildcard, serves as well: it is a person's choice.
        var defects = IssuedCertificateCheck.Check(pair.Chain, pair.Key.SubjectPublicKeyInfo, policy.Names, now)
            .Where(d => d is not (CertificateDefect.NameMissing or CertificateDefect.UnexpectedName))
            .Select(d => d.Message)
            .Concat(policy.Names.Where(n => !NameCoverage.Covers(pair.Chain.Facts.Names, n)).Select(n => $"The certificate is not valid for {n}."))
            .ToList();
        if (defects.Count == 0)
        {
            return pair;
        }

        pair.Dispose();
        throw new CredentialException($"The certificate in Secret {name} cannot be used. {string.Join(" ", defects)}");
    }

    public void Dispose()
    {
        Key.Dispose();
        Chain.Dispose();
    }

    private static ProvidedPair WithKey(Secret secret, string name, ResolvedPolicy policy)
    {
        if (policy.KeyStays)
        {
            throw new CredentialException($"Secret {name} cannot be taken over: the private key of this policy stays where it was made, and Secret {policy.SecretName} holds none. Provide a certificate for the run's signing request, without a key, or change the policy to one whose Secret holds its key, with another spec.secretName.");
        }

        if (TlsSecretContents.Parse(secret.Data) is TlsSecretContents.Defective defective)
        {
            throw new CredentialException($"Secret {name} holds no usable key pair. {defective.Message}");
        }

        var key = PrivateKeyPair.FromPem(Encoding.UTF8.GetString(secret.Data![WellKnown.TlsPrivateKeyKey]));
        return new ProvidedPair(key, CertificateChain.Parse(Encoding.UTF8.GetString(secret.Data[WellKnown.TlsCertificateKey]), PemLimits.Stored));
    }

    private static async Task<ProvidedPair> ForStagedAsync(Secret secret, string name, Func<CancellationToken, Task<ICertificateKey?>> findStaged, CancellationToken cancellationToken)
    {
        if (secret.Data?.GetValueOrDefault(WellKnown.TlsCertificateKey) is not { Length: > 0 } pem)
        {
            throw new CredentialException($"Secret {name} holds no usable key pair. It has no key {WellKnown.TlsCertificateKey}.");
        }

        CertificateChain chain;
        try
        {
            chain = CertificateChain.Parse(Encoding.UTF8.GetString(pem), PemLimits.Stored);
        }
        catch (PkiException e)
        {
            throw new CredentialException($"Secret {name} holds no usable certificate. {e.Message}", e);
        }

        if (await findStaged(cancellationToken) is { } key)
        {
            return new ProvidedPair(key, chain);
        }

        chain.Dispose();
        throw new CredentialException($"Secret {name} holds no {WellKnown.TlsPrivateKeyKey}, and no key is staged for this run, or none any more. Annotate the policy's latest run, or put the key into the Secret too.");
    }
}
