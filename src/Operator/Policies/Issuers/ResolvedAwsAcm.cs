namespace CertOperator.Operator.Policies.Issuers;

/// <summary>AWS Certificate Manager in one region.</summary>
public sealed record ResolvedAwsAcm : ResolvedIssuer
{
    public required ResolvedAwsAccess Access { get; init; }

    /// <summary>A certificate that is renewed in place of one being requested.</summary>
    public required string? CertificateArn { get; init; }

    /// <summary>Whether the Secret gets the private key.</summary>
    public required bool Exportable { get; init; }

    /// <summary>As ACM calls it.</summary>
    public required string KeyAlgorithm { get; init; }

    public override bool KeyStays => !Exportable;

    public override IEnumerable<string> RequestParts => [CertificateArn ?? "", Exportable ? "exportable" : ""];
}
