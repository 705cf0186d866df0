using CertOperator.Operator.Policies.Issuers;

namespace CertOperator.Operator.Policies;

/// <summary>A place at a cloud provider that gets each new pair.</summary>
public abstract record ResolvedDeployTarget
{
    /// <summary>Where the policy names it.</summary>
    public required string Field { get; init; }

    /// <summary>CA certificates to complete a chain from; null where there are none.</summary>
    public required string? IssuerBundle { get; init; }

    /// <summary>Tells it from the policy's other targets, and stays the same from run to run; what is known of it is kept by this.</summary>
    public abstract string Id { get; }

    /// <summary>What the provider knows the place by, as far as the policy says that; null to find or make it.</summary>
    public abstract string? RemoteId { get; }
}

/// <summary>An imported certificate in AWS Certificate Manager.</summary>
public sealed record ResolvedAcmTarget : ResolvedDeployTarget
{
    public required ResolvedAwsAccess Access { get; init; }

    public required string? CertificateArn { get; init; }

    /// <summary>Credentials of their own may be those of another account.</summary>
    public override string Id => CertificateArn ?? $"aws_acm {string.Join(' ', new[] { Access.Region, Access.RoleArn ?? Access.CredentialsSecretName }.OfType<string>())}";

    public override string? RemoteId => CertificateArn;
}

/// <summary>A self-managed certificate in Google Cloud Certificate Manager.</summary>
public sealed record ResolvedGcpTarget : ResolvedDeployTarget
{
    public required ResolvedGcpAccess Access { get; init; }

    public required string CertificateId { get; init; }

    public override string Id => RemoteId;

    public override string RemoteId => $"projects/{Access.Project}/locations/{Access.Location}/certificates/{CertificateId}";
}
