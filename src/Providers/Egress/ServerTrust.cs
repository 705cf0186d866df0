using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Egress;

/// <summary>
/// Whether a TLS server is whom it claims to be: its certificate leads to a CA of the system or of the user's bundle.
/// Nothing is downloaded on the way, since a certificate could name any address to fetch issuers or revocation from.
/// </summary>
public static class ServerTrust
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";

    // Dates are the only other thing that a client could be lenient about, and this one is not.
    private const X509ChainStatusFlags NoAnchor = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;

    /// <summary>The policy for the handshake's own chain: the bundle where there is one, else the system's CAs.</summary>
    public static X509ChainPolicy ChainPolicy(CaBundle? bundle)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            TrustMode = bundle is null ? X509ChainTrustMode.System : X509ChainTrustMode.CustomRootTrust,
        };
        policy.ApplicationPolicy.Add(new Oid(ServerAuth));
        foreach (var certificate in bundle?.Certificates ?? [])
        {
            policy.CustomTrustStore.Add(certificate);
        }

        return policy;
    }

    /// <summary>What a handshake's certificate callback was given, as sentences; empty when the server is trusted.</summary>
    public static IReadOnlyList<string> Judge(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, CaBundle? bundle, DateTimeOffset now)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return ["the server sent no certificate"];
        }

        var found = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            found.Add($"the certificate is for {Names(certificate)} and not for {host}");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && !(chain is not null && EndsInBundle(chain, bundle, now)))
        {
            // Without a bundle the chain at hand was the system's already.
            using var second = bundle is null || chain is null ? null : SystemChain(certificate, chain);
            if (second is null || !second.Build(certificate))
            {
                found.AddRange(Describe(certificate, chain, bundle));
            }

            DisposeElements(second);
        }

        return found;
    }

    private static X509Chain SystemChain(X509Certificate2 certificate, X509Chain first)
    {
        var chain = new X509Chain { ChainPolicy = ChainPolicy(null) };
        chain.ChainPolicy.ExtraStore.AddRange(first.ChainPolicy.ExtraStore);
        return chain;
    }

    /// <summary>
    /// A bundle may hold an intermediate CA alone; the platform wants a root and calls such a chain partial. It does not
    /// look at the dates of a partial chain's last certificate either.
    /// </summary>
    private static bool EndsInBundle(X509Chain chain, CaBundle? bundle, DateTimeOffset now) =>
        bundle is not null && chain.ChainElements.Count > 0
        && chain.ChainStatus.All(s => (s.Status & ~NoAnchor) == 0)
        && bundle.Contains(chain.ChainElements[^1].Certificate)
        && chain.ChainElements[^1].Certificate.NotBefore.ToUniversalTime() <= now.UtcDateTime
        && chain.ChainElements[^1].Certificate.NotAfter.ToUniversalTime() >= now.UtcDateTime;

    private static IEnumerable<string> Describe(X509Certificate2 certificate, X509Chain? chain, CaBundle? bundle)
    {
        var statuses = chain?.ChainStatus.Select(s => s.Status).Distinct().ToList() ?? [];
        var top = chain is { ChainElements.Count: > 0 } ? chain.ChainElements[^1].Certificate : certificate;
        foreach (var status in statuses)
        {
            switch (status)
            {
                case X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain when bundle?.Contains(top) == true:
                    yield return $"the CA certificate {DistinguishedNames.Show(top.SubjectName)} in caBundle is not valid now; renew it there";
                    break;
                case X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain:
                    var issuer = DistinguishedNames.Show(top.IssuerName);
                    yield return bundle is null
                        ? $"its issuer {issuer} is not among the system's CAs; set caBundle to that CA's certificate in PEM"
                        : $"its issuer {issuer} is neither in caBundle nor among the system's CAs; set caBundle to that CA's certificate in PEM";
                    break;
                case X509ChainStatusFlags.NotTimeValid:
                    yield return string.Create(CultureInfo.InvariantCulture, $"a certificate of its chain is not valid now (the server's own: {certificate.NotBefore.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ})");
                    break;
                case X509ChainStatusFlags.NotValidForUsage:
                    yield return "its certificate is not one for TLS servers";
                    break;
                default:
                    yield return $"its chain does not verify ({status})";
                    break;
            }
        }

        if (statuses.Count == 0)
        {
            yield return "its certificate could not be verified";
        }
    }

    private static string Names(X509Certificate2 certificate)
    {
        try
        {
            var names = CertificateFacts.From(certificate).Names.ToList();
            return names.Count switch
            {
                0 => "no name at all",
                <= 5 => string.Join(", ", names),
                _ => string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(5))} and {names.Count - 5} more"),
            };
        }
        catch (PkiException)
        {
            return "names that cannot be decoded";
        }
    }

    private static void DisposeElements(X509Chain? chain)
    {
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            element.Certificate.Dispose();
        }
    }
}
