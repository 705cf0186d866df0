namespace CertOperator.Operator.Policies.Issuers;

/// <summary>Which AWS a policy asks, and as whom.</summary>
/// <param name="Field">Where the policy says it.</param>
/// <param name="Region">Of its own words, or of an ARN.</param>
/// <param name="Endpoint">Null for the region's public one.</param>
/// <param name="StsEndpoint">Null for the region's public one.</param>
/// <param name="CaBundle">CAs to trust besides the system's.</param>
/// <param name="CredentialsSecretName">Null for the operator's own identity.</param>
/// <param name="RoleArn">Null to assume none.</param>
public sealed record ResolvedAwsAccess(string Field, string Region, Uri? Endpoint, Uri? StsEndpoint, string? CaBundle, string? CredentialsSecretName, string? RoleArn);
