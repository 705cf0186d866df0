using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Manual;

namespace CertOperator.Operator.Issuers;

/// <summary>A person needs none.</summary>
public sealed class ManualCredentials : IIssuerCredentials
{
    public Task<Issuer> ResolveAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        return Task.FromResult<Issuer>(new ManualIssuer { Field = issuer.Field, Server = issuer.Server });
    }

    public Task CheckAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken) => Task.CompletedTask;
}
