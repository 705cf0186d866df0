using CertOperator.Providers.Aws;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.AwsAcm;

/// <summary>AWS Certificate Manager in one region, and who asks there.</summary>
public sealed record AwsAcmIssuer : Issuer
{
    public required AwsAccess Access { get; init; }

    /// <summary>A certificate that is there already and is renewed; null to have one requested.</summary>
    public string? CertificateArn { get; init; }

    /// <summary>Whether the private key is given out.</summary>
    public required bool Exportable { get; init; }

    /// <summary>As ACM calls it, such as EC_prime256v1.</summary>
    public required string KeyAlgorithm { get; init; }

    /// <summary>Keeps keys out of logs and exception texts that print the record.</summary>
    public override string ToString() => $"AwsAcmIssuer {{ {Server} }}";
}
