using System.Text;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>A key pair that a person has put into a Secret so that a run takes it over, checked. Owns key and chain.</summary>
public sealed class ProvidedPair : IDisposable
{
    private ProvidedPair(PrivateKeyPair key, CertificateChain chain) => (Key, Chain) = (key, chain);

    public PrivateKeyPair Key { get; }

    public CertificateChain Chain { get; }

    /// <param name="secret">What was read; null where there is no such Secret.</param>
    /// <param name="name">Its name.</param>
    /// <param name="policy">What the certificate is for.</param>
    /// <param name="now">The time to judge validity at.</param>
    /// <exception cref="CredentialException">The pair cannot be used; says why and what to do.</exception>
    public static ProvidedPair Read(Secret? secret, string name, ResolvedPolicy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (secret is null)
        {
            throw new CredentialException($"Secret {name} does not exist in the policy's namespace. It needs {WellKnown.TlsCertificateKey} and {WellKnown.TlsPrivateKeyKey}.");
        }

        if (policy.KeyStays)
        {
            throw new CredentialException($"Secret {name} cannot be taken over: the private key of this policy stays where it was made, and Secret {policy.SecretName} holds none. Change the policy to one whose Secret holds its key, with another spec.secretName.");
        }

        if (TlsSecretContents.Parse(secret.Data) is TlsSecretContents.Defective defective)
        {
            throw new CredentialException($"Secret {name} holds no usable key pair. {defective.Message}");
        }

        var key = PrivateKeyPair.FromPem(Encoding.UTF8.GetString(secret.Data![WellKnown.TlsPrivateKeyKey]));
        var chain = CertificateChain.Parse(Encoding.UTF8.GetString(secret.Data[WellKnown.TlsCertificateKey]), PemLimits.Stored);
        var pair = new ProvidedPair(key, chain);
        // A certificate for more names, or a wildcard, serves as well: it is a person's choice.
        var defects = IssuedCertificateCheck.Check(chain, key, policy.Names, now)
            .Where(d => d is not (CertificateDefect.NameMissing or CertificateDefect.UnexpectedName))
            .Select(d => d.Message)
            .Concat(policy.Names.Where(n => !NameCoverage.Covers(chain.Facts.Names, n)).Select(n => $"The certificate is not valid for {n}."))
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
}
