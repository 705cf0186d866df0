using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Kubernetes;

/// <summary>Whether the certificate of an API server is to be believed.</summary>
internal static class ServerTrust
{
    public static void Apply(SslClientAuthenticationOptions options, X509Certificate2Collection? authorities, bool skip)
    {
        if (skip)
        {
#pragma warning disable CA5359 // insecure-skip-tls-verify was asked for.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
            return;
        }

        if (authorities is null)
        {
            return;
        }

        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        options.RemoteCertificateValidationCallback = (_, _, chain, errors) =>
            errors == SslPolicyErrors.None
            || (errors == SslPolicyErrors.RemoteCertificateChainErrors && chain is not null && EndsInAnchor(chain, authorities));
    }

    // A kubeconfig may name an intermediate certificate as the authority; everywhere else that is an anchor like any
    // other, while .NET wants chains to end in a root. So a chain whose one defect is to be partial is good if it
    // ends in a certificate that was given.
    private static bool EndsInAnchor(X509Chain chain, X509Certificate2Collection authorities) =>
        chain.ChainStatus is { Length: > 0 } status
        && status.All(s => s.Status == X509ChainStatusFlags.PartialChain)
        && chain.ChainElements is { Count: > 0 } elements
        && authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(elements[^1].Certificate.RawDataMemory.Span));
}
