using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.Pki;

/// <summary>Verifies that each certificate of a chain was really signed by the next one, which has to be a CA.</summary>
internal static class ChainLinks
{
    // Trust in the last certificate and dates are not this check's questions.
    private const X509ChainStatusFlags Irrelevant =
        X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotTimeValid
        | X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation;

    /// <summary>The index of the first certificate that the next one did not issue, with what is wrong; null when all links hold.</summary>
    public static (int Index, string Defect)? FirstBroken(IReadOnlyList<X509Certificate2> certificates)
    {
        if (certificates.Count < 2)
        {
            return null;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(certificates[^1]);
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllFlags;
        for (var i = 1; i < certificates.Count - 1; i++)
        {
            chain.ChainPolicy.ExtraStore.Add(certificates[i]);
        }

        try
        {
            chain.Build(certificates[0]);
            return Judge(chain.ChainElements, certificates);
        }
        catch (CryptographicException e)
        {
            return (0, e.Message);
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    private static (int Index, string Defect)? Judge(X509ChainElementCollection elements, IReadOnlyList<X509Certificate2> certificates)
    {
        for (var i = 0; i < certificates.Count; i++)
        {
            if (i >= elements.Count || !elements[i].Certificate.RawDataMemory.Span.SequenceEqual(certificates[i].RawDataMemory.Span))
            {
                return (i - 1, "was not issued by the certificate after it");
            }

            foreach (var status in elements[i].ChainElementStatus)
            {
                if ((status.Status & ~Irrelevant) is var defect && defect != X509ChainStatusFlags.NoError)
                {
                    return (i, Describe(defect));
                }
            }
        }

        return null;
    }

    private static string Describe(X509ChainStatusFlags defect) => defect switch
    {
        X509ChainStatusFlags.NotSignatureValid => "has a signature that its issuer did not make",
        X509ChainStatusFlags.InvalidBasicConstraints => "is used as an issuer or at a depth that its basic constraints do not allow",
        X509ChainStatusFlags.NotValidForUsage => "is used as an issuer, which its key usage does not allow",
        X509ChainStatusFlags.HasNotSupportedCriticalExtension => "has a critical extension that TLS clients do not know",
        _ => $"does not hold ({defect})",
    };
}
