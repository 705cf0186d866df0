using CertOperator.Operator.Aws;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Keys.AwsKms;

namespace CertOperator.Operator.Keys;

/// <summary>Opens keys in AWS KMS.</summary>
public sealed class AwsKmsSource(AwsCredentials credentials, AwsIdentities identities, AwsSdk sdk) : IKeyBackendSource
{
    public async Task<IKeyBackend> OpenAsync(string @namespace, ResolvedKeyBackend backend, CancellationToken cancellationToken)
    {
        var kms = (ResolvedAwsKms)backend;
        var settings = new AwsKmsSettings(kms.KeyId, await credentials.ResolveAsync(@namespace, kms.Access, cancellationToken));
        return new AwsKmsKeys(settings, new AwsKmsApi(settings, identities, sdk));
    }
}
