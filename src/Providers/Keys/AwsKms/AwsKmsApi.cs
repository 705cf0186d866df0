using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Keys.AwsKms;

/// <summary>The requests to KMS, through the AWS SDK. Retries nothing.</summary>
public sealed class AwsKmsApi(AwsKmsSettings settings, AwsIdentities identities, AwsSdk sdk)
{
    public const string DescribeKey = "kms:DescribeKey";
    public const string GetPublicKey = "kms:GetPublicKey";
    public const string Sign = "kms:Sign";

    private const string Service = "AWS KMS";

    private readonly Uri _endpoint = settings.Access.EndpointOf("kms");

    /// <exception cref="IssuanceException">KMS refused or cannot be reached.</exception>
    public async Task<KeyMetadata> DescribeAsync(string keyId, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(DescribeKey, keyId, (kms, ct) => kms.DescribeKeyAsync(new DescribeKeyRequest { KeyId = keyId }, ct), cancellationToken);
        return AwsArn.TryParse(answer.KeyMetadata?.Arn) is { Service: "kms" } ? answer.KeyMetadata! : throw AwsFailures.Unreadable(_endpoint, Call(DescribeKey, keyId));
    }

    /// <summary>The public key in DER.</summary>
    /// <exception cref="IssuanceException">KMS refused or cannot be reached.</exception>
    public async Task<byte[]> GetPublicKeyAsync(string arn, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(GetPublicKey, arn, (kms, ct) => kms.GetPublicKeyAsync(new GetPublicKeyRequest { KeyId = arn }, ct), cancellationToken);
        return answer.PublicKey is { Length: > 0 } key ? key.ToArray() : throw AwsFailures.Unreadable(_endpoint, Call(GetPublicKey, arn));
    }

    /// <param name="arn">The key.</param>
    /// <param name="digest">What to sign.</param>
    /// <param name="algorithm">How.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="IssuanceException">KMS refused or cannot be reached.</exception>
    public async Task<byte[]> SignAsync(string arn, byte[] digest, SigningAlgorithmSpec algorithm, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(Sign, arn, (kms, ct) => kms.SignAsync(SignRequest(arn, digest, algorithm), ct), cancellationToken);
        return answer.Signature is { Length: > 0 } signature ? signature.ToArray() : throw AwsFailures.Unreadable(_endpoint, Call(Sign, arn));
    }

    /// <summary>Whether a signature would be made; none is.</summary>
    /// <exception cref="IssuanceException">KMS would refuse, or cannot be reached.</exception>
    public Task TrySignAsync(string arn, byte[] digest, SigningAlgorithmSpec algorithm, CancellationToken cancellationToken)
        => CallAsync(
            Sign,
            arn,
            async (kms, ct) =>
            {
                var request = SignRequest(arn, digest, algorithm);
                request.DryRun = true;
                try
                {
                    await kms.SignAsync(request, ct);
                }
                catch (DryRunOperationException)
                {
                    // This is how KMS says that it would have.
                }

                return true;
            },
            cancellationToken);

    private static SignRequest SignRequest(string arn, byte[] digest, SigningAlgorithmSpec algorithm)
        => new() { KeyId = arn, Message = new MemoryStream(digest), MessageType = MessageType.DIGEST, SigningAlgorithm = algorithm };

    private async Task<T> CallAsync<T>(string action, string keyId, Func<AmazonKeyManagementServiceClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var access = settings.Access;
        var key = await identities.GetAsync(access, cancellationToken);
        using var client = new AmazonKeyManagementServiceClient(AwsSdk.CredentialsOf(key), sdk.Configure(new AmazonKeyManagementServiceConfig(), access, _endpoint));
        try
        {
            return await call(client, cancellationToken);
        }
        catch (AmazonServiceException e) when (AwsSdk.ErrorOf(e) is { } error)
        {
            var refusal = Judge(error, Call(action, keyId));
            if (refusal.Reason == AwsReasons.CredentialsExpired)
            {
                identities.Forget(access);
            }

            throw refusal;
        }
        catch (Exception e) when (AwsSdk.IsTransport(e, cancellationToken))
        {
            throw AwsFailures.FromTransport(e, _endpoint, Call(action, keyId));
        }
    }

    private AwsCall Call(string action, string keyId) => new(Service, action, $"key {keyId}", settings.Access);

    private static IssuanceException Judge(AwsError error, AwsCall call)
        => error.Code switch
        {
            "NotFoundException" => AwsFailures.Make(IssuanceFailure.NeedsManual, AwsKmsReasons.KeyNotFound, error, call, $"There is no such key in region {call.Access.Region} of the account of {call.Access.Identity}. Correct {call.Access.Field}.keyId or region, then resume the run."),
            "DisabledException" => AwsFailures.Make(IssuanceFailure.NeedsManual, AwsKmsReasons.KeyNotUsable, error, call, "Enable the key, then resume the run."),
            "KMSInvalidStateException" or "InvalidStateException" => AwsFailures.Make(IssuanceFailure.NeedsManual, AwsKmsReasons.KeyNotUsable, error, call, "Bring the key to the state Enabled, then resume the run."),
            "InvalidKeyUsageException" or "UnsupportedOperationException" => AwsFailures.Make(IssuanceFailure.NeedsManual, AwsKmsReasons.WrongKeyUsage, error, call, $"Name an asymmetric key for SIGN_VERIFY in {call.Access.Field}.keyId, then resume the run."),
            "InvalidArnException" or "ValidationException" => AwsFailures.Make(IssuanceFailure.NeedsManual, AwsKmsReasons.KeyNotFound, error, call, $"Correct {call.Access.Field}.keyId, then resume the run."),
            "KeyUnavailableException" or "DependencyTimeoutException" or "KMSInternalException" => AwsFailures.Make(IssuanceFailure.Transient, IssuanceReasons.ServerError, error, call, "The operator tries again."),
            "LimitExceededException" => AwsFailures.Make(IssuanceFailure.Transient, IssuanceReasons.RateLimited, error, call, "The operator waits and tries again."),
            _ => AwsFailures.FromCommon(error, call) ?? AwsFailures.Other(error, call),
        };
}
