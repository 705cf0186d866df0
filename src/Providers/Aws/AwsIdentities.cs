using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Aws;

/// <summary>Gets the key that requests are signed with: the one of a Secret or the operator's own, exchanged for that of a role where one is to be assumed.</summary>
/// <param name="sdk">Reaches the Security Token Service.</param>
/// <param name="ownIdentity">The operator's own key, as it is now.</param>
/// <param name="timeProvider">Says when a role's key is over.</param>
public sealed class AwsIdentities(AwsSdk sdk, Func<CancellationToken, Task<AwsAccessKey>> ownIdentity, TimeProvider timeProvider)
{
    /// <summary>The action that a role's trust policy has to allow.</summary>
    public const string AssumeRole = "sts:AssumeRole";

    private const string Service = "AWS STS";
    private const string SessionName = "certoperator";
    private const int Capacity = 256;

    /// <summary>A request may take a while to be sent after it was signed.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<AwsAccess, (AwsAccessKey Key, DateTimeOffset End)> _roles = [];

    /// <exception cref="IssuanceException">There is none, or the role may not be assumed.</exception>
    public async Task<AwsAccessKey> GetAsync(AwsAccess access, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(access);
        if (access.RoleArn is null)
        {
            return await GetOwnAsync(access, cancellationToken);
        }

        lock (_lock)
        {
            if (_roles.TryGetValue(access, out var known) && timeProvider.GetUtcNow() < known.End)
            {
                return known.Key;
            }
        }

        var assumed = await AssumeAsync(access, await GetOwnAsync(access, cancellationToken), cancellationToken);
        lock (_lock)
        {
            if (_roles.Count >= Capacity)
            {
                _roles.Clear();
            }

            _roles[access] = assumed;
        }

        return assumed.Key;
    }

    /// <summary>AWS takes the role's key no more, whatever was said of its end.</summary>
    public void Forget(AwsAccess access)
    {
        lock (_lock)
        {
            _roles.Remove(access);
        }
    }

    private async Task<AwsAccessKey> GetOwnAsync(AwsAccess access, CancellationToken cancellationToken)
    {
        if (access.AccessKey is { } given)
        {
            return given;
        }

        try
        {
            return await ownIdentity(cancellationToken);
        }
        catch (AmazonClientException e)
        {
            // The places that give it out may be away for a while, too.
            throw new IssuanceException(
                IssuanceFailure.Failed,
                IssuanceReasons.InvalidCredentials,
                $"{access.Field} names no credentials, and the operator has no AWS identity of its own: {AwsFailures.Excerpt(e.Message)} Name a Secret in {access.Field}.credentialsSecretName, or give the operator's service account a role.",
                inner: e);
        }
    }

    private async Task<(AwsAccessKey Key, DateTimeOffset End)> AssumeAsync(AwsAccess access, AwsAccessKey key, CancellationToken cancellationToken)
    {
        var call = new AwsCall(Service, AssumeRole, access.RoleArn!, access);
        var endpoint = access.StsEndpoint ?? AwsRegions.Endpoint("sts", access.Region);
        using var client = new AmazonSecurityTokenServiceClient(AwsSdk.CredentialsOf(key), sdk.Configure(new AmazonSecurityTokenServiceConfig(), access, endpoint));
        try
        {
            var answer = await client.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = access.RoleArn, RoleSessionName = SessionName, ExternalId = access.ExternalId }, cancellationToken);
            return answer.Credentials is { AccessKeyId.Length: > 0, SecretAccessKey.Length: > 0, Expiration: { } end } given
                ? (new AwsAccessKey(given.AccessKeyId, given.SecretAccessKey, given.SessionToken), new DateTimeOffset(end.ToUniversalTime()) - Reserve)
                : throw AwsFailures.Unreadable(endpoint, call);
        }
        catch (AmazonServiceException e) when (AwsSdk.ErrorOf(e) is { } error)
        {
            throw error.Code is "AccessDenied" or "AccessDeniedException"
                ? AwsFailures.Make(IssuanceFailure.NeedsManual, AwsReasons.AccessDenied, error, call, $"Allow {AssumeRole} on the role to {(access with { RoleArn = null }).Identity}, and let the role's trust policy name it (external id: {access.ExternalId}), then resume the run.")
                : AwsFailures.FromCommon(error, call) ?? AwsFailures.Other(error, call);
        }
        catch (Exception e) when (AwsSdk.IsTransport(e, cancellationToken))
        {
            throw AwsFailures.FromTransport(e, endpoint, call);
        }
    }
}
