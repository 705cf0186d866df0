namespace CertOperator.Providers.Issuance;

/// <summary>What only an ACME server can be asked. Every refusal is an <see cref="IssuanceException"/>.</summary>
public interface IAcmeAuthority
{
    /// <summary>What the CA says of itself now, for everyone to read.</summary>
    Task<AuthorityDescription> DescribeAsync(Uri server, string? caBundle, CancellationToken cancellationToken);

    /// <summary>Asks the CA for the account, whatever is remembered of it, and registers none.</summary>
    /// <returns>A sentence for a report; null where the CA does not know the account's key.</returns>
    Task<string?> FindAccountAsync(AcmeIssuer issuer, CancellationToken cancellationToken);

    /// <summary>When the CA suggests to renew a certificate (RFC 9773); null where it does not say.</summary>
    Task<RenewalSuggestion?> SuggestRenewalAsync(Uri server, string? caBundle, string certificateId, CancellationToken cancellationToken);
}
