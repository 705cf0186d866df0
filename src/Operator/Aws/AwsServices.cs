using CertOperator.Operator.Deployments;
using CertOperator.Operator.Issuers;
using CertOperator.Operator.Keys;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Aws;
using CertOperator.Providers.AwsAcm;
using CertOperator.Providers.Egress;

namespace CertOperator.Operator.Aws;

/// <summary>All that policies can ask of AWS, put together: requests of all of it are signed and sent in one way.</summary>
public sealed class AwsServices
{
    /// <param name="http">Dials through the egress check.</param>
    /// <param name="values">Reads the Secrets with access keys.</param>
    /// <param name="lendsOwnIdentity">Whether policies that name no credentials act as the operator.</param>
    /// <param name="timeProvider">Dates signatures.</param>
    public AwsServices(EgressHttpClients http, SecretValues values, bool lendsOwnIdentity, TimeProvider timeProvider)
    {
        var sdk = new AwsSdk(http);
        var identities = new AwsIdentities(sdk, AwsSdk.OwnIdentityAsync, timeProvider);
        var credentials = new AwsCredentials(values, lendsOwnIdentity);
        var acm = new AcmApi(new AwsJsonApi(http, identities, timeProvider));
        Imports = new AcmTargetSource(credentials, acm);
        KmsKeys = new AwsKmsSource(credentials, identities, sdk);
        CertificateManager = new ProviderEntry(new AcmCertificateProvider(acm, timeProvider), new AwsAcmCredentials(credentials));
    }

    public AcmTargetSource Imports { get; }

    public AwsKmsSource KmsKeys { get; }

    public ProviderEntry CertificateManager { get; }
}
