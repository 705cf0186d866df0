using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>At which endpoints AWS is asked, and as whom.</summary>
public abstract record AwsAccessConfig
{
    /// <summary>URL of the API, https only. Default: the region's public endpoint.</summary>
    [Length(1, 2048)]
    public string? Endpoint { get; init; }

    /// <summary>URL of the Security Token Service, https only, for roleArn. Default: the region's public endpoint.</summary>
    [Length(1, 2048)]
    public string? StsEndpoint { get; init; }

    /// <summary>PEM certificates to trust for these endpoints, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }

    /// <summary>Secret, in the policy's namespace, with accessKeyId, secretAccessKey and, for temporary credentials, sessionToken. Default: the operator's own identity (environment, web identity, instance role), where the operator lends it to policies.</summary>
    [Length(1, 253)]
    public string? CredentialsSecretName { get; init; }

    /// <summary>IAM role to assume with these credentials; the policy's namespace is sent as external id.</summary>
    [Length(1, 2048)]
    [Pattern("^arn:[a-z0-9-]+:iam::[0-9]{12}:role/.+$")]
    public string? RoleArn { get; init; }
}

/// <summary>AWS Certificate Manager: where it is, who asks, and what for.</summary>
public sealed record AwsAcmConfig : AwsAccessConfig
{
    /// <summary>Region, such as eu-central-1. CloudFront takes certificates of us-east-1 only. Required, unless certificateArn names one.</summary>
    [Length(1, 64)]
    public string? Region { get; init; }

    /// <summary>An existing certificate that ACM has issued: it is renewed instead of a new one being requested.</summary>
    [Length(1, 2048)]
    [Pattern("^arn:[a-z0-9-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$")]
    public string? CertificateArn { get; init; }

    /// <summary>Whether the private key may leave ACM: true puts key and chain into the Secret (AWS charges for that), false the chain and the ARN. Default: false.</summary>
    public bool? Exportable { get; init; }
}

/// <summary>A signing key in AWS KMS. It never leaves there.</summary>
public sealed record AwsKmsConfig : AwsAccessConfig
{
    /// <summary>Key id, key ARN, alias (alias/NAME) or alias ARN of an asymmetric key for SIGN_VERIFY: ECC_NIST_P256, ECC_NIST_P384, RSA_2048, RSA_3072 or RSA_4096, as spec.key says.</summary>
    [Required]
    [Length(1, 2048)]
    public string KeyId { get; init; } = "";

    /// <summary>Region, such as eu-central-1. Required, unless keyId is an ARN.</summary>
    [Length(1, 64)]
    public string? Region { get; init; }
}
