using CertOperator.Providers.Aws;

namespace CertOperator.Providers.Keys.AwsKms;

/// <summary>A key in AWS KMS and who asks for it.</summary>
/// <param name="KeyId">Id, ARN, alias or alias ARN.</param>
/// <param name="Access">Where and as whom.</param>
public sealed record AwsKmsSettings(string KeyId, AwsAccess Access);
