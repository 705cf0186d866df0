using System.Security.Cryptography.X509Certificates;
using CertOperator.Acme;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Acme;

/// <summary>Chooses among the chains that a CA offers for one certificate (RFC 8555, section 7.4.2).</summary>
public static class PreferredChains
{
    private const int MaxAlternates = 10;

    /// <summary>The chain whose topmost certificate was issued by the given common name, else the CA's default.</summary>
    public static async Task<string> DownloadAsync(AcmeAccountClient account, Uri certificate, string? issuerCommonName, CancellationToken cancellationToken)
    {
        var chain = await account.DownloadCertificateAsync(certificate, cancellationToken);
        if (issuerCommonName is null || IsIssuedBy(chain.Pem, issuerCommonName))
        {
            return chain.Pem;
        }

        foreach (var alternate in chain.Alternates.Take(MaxAlternates))
        {
            if (await FindAsync(account, alternate, cancellationToken) is { } other && IsIssuedBy(other, issuerCommonName))
            {
                return other;
            }
        }

        return chain.Pem;
    }

    /// <summary>An alternate that is gone is no lost order: that would cost another certificate.</summary>
    private static async Task<string?> FindAsync(AcmeAccountClient account, Uri alternate, CancellationToken cancellationToken)
    {
        try
        {
            return (await account.DownloadCertificateAsync(alternate, cancellationToken)).Pem;
        }
        catch (AcmeProblemException e) when (e.Kind == AcmeErrorKind.NotFound)
        {
            return null;
        }
    }

    private static bool IsIssuedBy(string pem, string commonName)
    {
        try
        {
            using var chain = CertificateChain.Parse(pem, PemLimits.Issued);
            return chain.Certificates[^1].GetNameInfo(X509NameType.SimpleName, forIssuer: true) == commonName;
        }
        catch (PkiException)
        {
            // What cannot be read is refused, with a reason, when it is stored; here it only is not the preferred chain.
            return false;
        }
    }
}
