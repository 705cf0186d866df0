using CertOperator.Operator.Aws;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.AwsAcm;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Issuers;

/// <summary>Fetches what AWS Certificate Manager is asked with.</summary>
public sealed class AwsAcmCredentials(AwsCredentials credentials) : IIssuerCredentials
{
    public async Task<Issuer> ResolveAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
    {
        var acm = (ResolvedAwsAcm)issuer;
        return new AwsAcmIssuer
        {
            Field = acm.Field,
            Server = acm.Server,
            Access = await credentials.ResolveAsync(@namespace, acm.Access, cancellationToken),
            CertificateArn = acm.CertificateArn,
            Exportable = acm.Exportable,
            KeyAlgorithm = acm.KeyAlgorithm,
        };
    }

    public Task CheckAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken) => ResolveAsync(@namespace, issuer, cancellationToken);
}
