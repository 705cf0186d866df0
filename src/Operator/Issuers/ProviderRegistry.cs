using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Issuers;

/// <summary>The providers that there are.</summary>
public sealed class ProviderRegistry(IReadOnlyDictionary<CertificateProviderKind, ProviderEntry> entries)
{
    public ICertificateProvider ProviderOf(CertificateProviderKind kind) => entries[kind].Provider;

    public IIssuerCredentials CredentialsOf(ResolvedIssuer issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        return entries[issuer.Provider].Credentials;
    }
}

/// <summary>A provider and where its credentials come from.</summary>
public sealed record ProviderEntry(ICertificateProvider Provider, IIssuerCredentials Credentials);
