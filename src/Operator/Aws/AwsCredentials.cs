using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Aws;

namespace CertOperator.Operator.Aws;

/// <summary>Fetches the keys that AWS is asked with, always from the policy's own namespace.</summary>
/// <param name="values">Reads Secrets.</param>
/// <param name="lendsOwnIdentity">Whether policies that name no credentials act as the operator.</param>
public sealed class AwsCredentials(SecretValues values, bool lendsOwnIdentity)
{
    /// <exception cref="CredentialException">The Secret is missing or does not hold what it must, or there is nobody to act as.</exception>
    public async Task<AwsAccess> ResolveAsync(string @namespace, ResolvedAwsAccess access, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(access);
        if (access.CredentialsSecretName is null && !lendsOwnIdentity)
        {
            throw CredentialException.NobodyToActAs(access.Field);
        }

        return new AwsAccess
        {
            Field = access.Field,
            Region = access.Region,
            Endpoint = access.Endpoint,
            StsEndpoint = access.StsEndpoint,
            CaBundle = access.CaBundle,
            AccessKey = access.CredentialsSecretName is { } name ? await values.ReadAwsKeyAsync(@namespace, name, $"{access.Field}.credentialsSecretName", cancellationToken) : null,
            CredentialsSecretName = access.CredentialsSecretName,
            RoleArn = access.RoleArn,
            ExternalId = @namespace,
        };
    }
}
