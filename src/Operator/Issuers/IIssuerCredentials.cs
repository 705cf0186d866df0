using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Issuers;

/// <summary>Fetches what a provider is asked with, always from the policy's own namespace.</summary>
public interface IIssuerCredentials
{
    /// <exception cref="Secrets.CredentialException">A Secret is missing or does not hold what it must.</exception>
    Task<Issuer> ResolveAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken);

    /// <summary>Looks whether everything that the policy names is there, without making anything.</summary>
    /// <exception cref="Secrets.CredentialException">A Secret is missing or does not hold what it must.</exception>
    Task CheckAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken);
}
