namespace CertOperator.Providers.Aws;

/// <summary>One request, as messages speak of it.</summary>
/// <param name="Service">What people know the service by, such as AWS KMS.</param>
/// <param name="Action">As IAM policies name it, such as kms:Sign.</param>
/// <param name="Subject">What it is done to, such as "key arn:aws:kms:…".</param>
/// <param name="Access">Who asks.</param>
public sealed record AwsCall(string Service, string Action, string Subject, AwsAccess Access);

/// <summary>What a service answered in place of what it was asked for.</summary>
/// <param name="Code">Such as AccessDeniedException.</param>
/// <param name="Message">A sentence by AWS; may be empty.</param>
/// <param name="Status">The HTTP status.</param>
public sealed record AwsError(string Code, string Message, int Status);
