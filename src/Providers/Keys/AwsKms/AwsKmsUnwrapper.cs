using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Keys.AwsKms;

/// <summary>Has AWS KMS decrypt keys, as the operator itself. Retries nothing.</summary>
/// <param name="key">The ARN of a key or of an alias: ciphertexts of other keys are refused.</param>
/// <param name="access">Where, with neither key nor role.</param>
/// <param name="ownIdentity">The operator's own key, as it is now.</param>
/// <param name="sdk">Sends the requests.</param>
public sealed class AwsKmsUnwrapper(AwsArn key, AwsAccess access, Func<CancellationToken, Task<AwsAccessKey>> ownIdentity, AwsSdk sdk) : IKeyUnwrapper
{
    public const string Decrypt = "kms:Decrypt";

    /// <summary>The encryption context that a key has to be encrypted with, so that IAM policies and CloudTrail can tell it from other uses of the KMS key.</summary>
    public static KeyValuePair<string, string> Context { get; } = new("certoperator", "master-key");

    private readonly AwsCall _call = new("AWS KMS", Decrypt, $"key {key}", access);
    private readonly Uri _endpoint = access.EndpointOf("kms");

    public string Field => access.Field;

    public async Task<byte[]> UnwrapAsync(string ciphertext, CancellationToken cancellationToken)
    {
        var own = await GetOwnAsync(cancellationToken);
        using var client = new AmazonKeyManagementServiceClient(AwsSdk.CredentialsOf(own), sdk.Configure(new AmazonKeyManagementServiceConfig(), access, _endpoint));
        try
        {
            var request = new DecryptRequest { KeyId = key.ToString(), CiphertextBlob = new MemoryStream(Convert.FromBase64String(ciphertext)), EncryptionContext = new Dictionary<string, string>([Context]) };
            var answer = await client.DecryptAsync(request, cancellationToken);
            return answer.Plaintext is { Length: > 0 } plain ? plain.ToArray() : throw AwsFailures.Unreadable(_endpoint, _call);
        }
        catch (AmazonServiceException e) when (AwsSdk.ErrorOf(e) is { } error)
        {
            throw Judge(error);
        }
        catch (Exception e) when (AwsSdk.IsTransport(e, cancellationToken))
        {
            throw AwsFailures.FromTransport(e, _endpoint, _call);
        }
    }

    private async Task<AwsAccessKey> GetOwnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ownIdentity(cancellationToken);
        }
        catch (Exception e) when (AwsSdk.IsTransport(e, cancellationToken))
        {
            throw new IssuanceException(
                IssuanceFailure.Transient,
                IssuanceReasons.InvalidCredentials,
                $"The operator has no AWS identity of its own: {AwsFailures.Excerpt(e.Message)} Give its service account a role that may do {Decrypt} on {key}, or its Pod AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
                inner: e);
        }
    }

    private IssuanceException Judge(AwsError error)
    {
        var (reason, advice) = error.Code switch
        {
            "AccessDeniedException" => (AwsReasons.AccessDenied, $"Allow {Decrypt} on it for {access.Identity}, with encryption context {Context.Key}={Context.Value}."),
            "InvalidCiphertextException" => (AwsKmsReasons.WrongKeySpec, $"The line was changed, or was not made with --encryption-context {Context.Key}={Context.Value}."),
            "IncorrectKeyException" => (AwsKmsReasons.WrongKeySpec, $"The line was made with another key: name that in {Field}, or have KMS re-encrypt it (aws kms re-encrypt)."),
            "NotFoundException" => (AwsKmsReasons.KeyNotFound, $"Correct {Field}."),
            "DisabledException" or "KMSInvalidStateException" => (AwsKmsReasons.KeyNotUsable, "Enable the key, or cancel its deletion."),
            "InvalidKeyUsageException" => (AwsKmsReasons.WrongKeyUsage, $"Name a symmetric key for ENCRYPT_DECRYPT in {Field}."),
            "UnrecognizedClientException" or "InvalidClientTokenId" or "InvalidSignatureException" or "MissingAuthenticationTokenException" or "ExpiredTokenException"
                => (AwsReasons.CredentialsRefused, "Check the identity that the operator's Pod has at AWS, the region, and this host's clock."),
            _ => ("", ""),
        };
        return reason.Length == 0 ? AwsFailures.FromCommon(error, _call) ?? AwsFailures.Other(error, _call) : AwsFailures.Make(IssuanceFailure.NeedsManual, reason, error, _call, advice);
    }
}
