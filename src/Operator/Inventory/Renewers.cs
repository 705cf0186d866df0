using CertOperator.Crds;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Inventory;

/// <summary>Who renews a certificate that no policy sees to, as its Secret says: a closed set, since metrics have it as a label. Pure.</summary>
public static class Renewers
{
    public const string Nobody = "nobody";

    /// <summary>Its annotation stays when its Certificate is deleted, so this is a hope and no certainty.</summary>
    public const string CertManager = "cert-manager";

    /// <summary>Somebody whom a person has named by annotation.</summary>
    public const string Other = "other";

    private const int LongestName = 100;

    /// <returns>One of the values above, and who that is in particular, where it says so.</returns>
    public static (string Kind, string? Name) Of(ObjectMeta secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return secret.Annotations?.GetValueOrDefault(WellKnown.RenewedBy) is { Length: > 0 } named ? (Other, Naming.Cut(named, LongestName))
            : secret.Annotations?.GetValueOrDefault(WellKnown.CertManagerCertificate) is { } certificate ? (CertManager, $"Certificate {Naming.Cut(certificate, LongestName)}")
            : (Nobody, null);
    }
}
