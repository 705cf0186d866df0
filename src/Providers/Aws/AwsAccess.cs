namespace CertOperator.Providers.Aws;

/// <summary>Which AWS is asked, and as whom: plain data.</summary>
public sealed record AwsAccess
{
    /// <summary>Where the policy says it, for advice.</summary>
    public required string Field { get; init; }

    /// <summary>Where region and endpoint are set, for advice.</summary>
    public string EndpointFields
    {
        get => field ?? $"{Field}.region and endpoint";
        init;
    }

    public required string Region { get; init; }

    /// <summary>The service's endpoint; null for the region's public one.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The endpoint of the Security Token Service; null for the region's public one.</summary>
    public Uri? StsEndpoint { get; init; }

    /// <summary>CAs to trust besides the system's.</summary>
    public string? CaBundle { get; init; }

    /// <summary>The key to sign with; null for the identity of the operator itself.</summary>
    public AwsAccessKey? AccessKey { get; init; }

    /// <summary>Where the key was read from, for advice; null for the operator's own identity.</summary>
    public string? CredentialsSecretName { get; init; }

    /// <summary>The role to assume; null to go without.</summary>
    public string? RoleArn { get; init; }

    /// <summary>Sent as external id when the role is assumed, so that its trust policy can tell namespaces apart.</summary>
    public required string ExternalId { get; init; }

    /// <summary>The endpoint to ask.</summary>
    /// <param name="service">As it stands in host names, such as kms.</param>
    public Uri EndpointOf(string service) => Endpoint ?? AwsRegions.Endpoint(service, Region);

    /// <summary>Whose rights are spoken of, for advice.</summary>
    public string Identity
        => RoleArn is not null ? $"role {RoleArn}"
            : AccessKey is not null ? $"access key {AccessKey.Id} of Secret {CredentialsSecretName}"
            : "the operator's own identity";

    /// <summary>Keeps keys out of logs and exception texts that print the record.</summary>
    public override string ToString() => $"AwsAccess {{ {Region}, {Identity} }}";
}
