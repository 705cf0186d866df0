using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>A place at a cloud provider that gets key and certificate: exactly one of awsAcm and gcpCm.</summary>
public sealed record DeployTargetSpec
{
    /// <summary>An imported certificate in AWS Certificate Manager.</summary>
    public AwsAcmTargetConfig? AwsAcm { get; init; }

    /// <summary>A self-managed certificate in Google Cloud Certificate Manager.</summary>
    public GcpCmTargetConfig? GcpCm { get; init; }

    /// <summary>PEM certificates of CAs. Where the CA sends a certificate without that of its issuer, as one does that signs with its root, the issuer is taken from here; AWS takes none without.</summary>
    [Length(1, 330000)]
    public string? IssuerBundle { get; init; }
}

/// <summary>An imported certificate in AWS Certificate Manager: where it is and who asks.</summary>
public sealed record AwsAcmTargetConfig : AwsAccessConfig
{
    /// <summary>Region, such as eu-central-1. CloudFront takes certificates of us-east-1 only. Required, unless certificateArn names one.</summary>
    [Length(1, 64)]
    public string? Region { get; init; }

    /// <summary>An imported certificate that is there already: each pair is imported to it. Default: one is made, and its ARN kept in status.targets.</summary>
    [Length(1, 2048)]
    [Pattern("^arn:[a-z0-9-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$")]
    public string? CertificateArn { get; init; }
}

/// <summary>A self-managed certificate in Google Cloud Certificate Manager: where it is and who asks.</summary>
public sealed record GcpCmTargetConfig : GcpAccessConfig
{
    /// <summary>Project id.</summary>
    [Required]
    [Length(1, 64)]
    public string Project { get; init; } = "";

    /// <summary>Name of the certificate in that location; made when absent. Default: one that follows from the policy's namespace and name.</summary>
    [Length(1, 63)]
    [Pattern("^[a-z][a-z0-9-]*$")]
    public string? Certificate { get; init; }
}
