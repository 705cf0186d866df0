using CertOperator.Acme;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>The facts of a certificate as the status shows them.</summary>
public static class CertificateSummaries
{
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
}
