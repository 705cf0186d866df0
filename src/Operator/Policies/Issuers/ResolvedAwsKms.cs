namespace CertOperator.Operator.Policies.Issuers;

/// <summary>A signing key in AWS KMS.</summary>
public sealed record ResolvedAwsKms : ResolvedKeyBackend
{
    /// <summary>Id, ARN, alias or alias ARN.</summary>
    public required string KeyId { get; init; }

    public required ResolvedAwsAccess Access { get; init; }

    public override string Identity => KeyId.StartsWith("arn:", StringComparison.Ordinal) ? KeyId : $"aws_kms {Access.Region} {KeyId}";

    public override bool KeyStays => true;
}
