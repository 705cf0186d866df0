using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Gcp;

/// <summary>Certificate Manager, and the certificate there that Google issues and renews.</summary>
public sealed record GcpIssuer : Issuer
{
    public required GcpAccess Access { get; init; }

    /// <summary>Its name in the location.</summary>
    public required string CertificateId { get; init; }

    public override string ToString() => $"GcpIssuer {{ {Access.Parent}/certificates/{CertificateId} }}";
}
