using CertOperator.Acme;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>The facts of a certificate as the status shows them.</summary>
public static class CertificateSummaries
{
    /// <summary>A DNS name is not longer.</summary>
    private const int LongestText = 253;

    public static CertificateSummary From(CertificateFacts facts)
        => new()
        {
            Fingerprint = facts.Fingerprint,
            Serial = facts.Serial,
            Issuer = facts.Issuer,
            Names = [.. facts.Names],
            NotBefore = facts.NotBefore,
            NotAfter = facts.NotAfter,
            RenewalInfoId = facts.AuthorityKeyIdentifier is { Length: > 0 } authority
                ? CertificateId.From(Convert.FromHexString(authority), Convert.FromHexString(facts.Serial)).Value
                : null,
        };

    /// <summary>Of a certificate that a stranger's server has shown: it may have thousands of names, and must not fill a status.</summary>
    public static CertificateSummary Served(CertificateFacts facts)
        => From(facts) with
        {
            Issuer = Naming.Cut(facts.Issuer, LongestText),
            Names = [.. facts.Names.Take(HostnameRules.MaxNames).Select(n => Naming.Cut(n, LongestText))],
        };
}
