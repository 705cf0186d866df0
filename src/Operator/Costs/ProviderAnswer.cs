using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Costs;

/// <summary>Who is asked, and why none of the others.</summary>
/// <param name="Provider">Null where none of them can be asked.</param>
/// <param name="Cost">What the certificate costs there.</param>
/// <param name="PassedOver">Each other provider.</param>
public sealed record ProviderAnswer(CertificateProviderKind? Provider, Money? Cost, IReadOnlyList<PassedOverProvider> PassedOver);

/// <summary>Why a provider is passed over; part of the API, so they do not change.</summary>
public static class PassedOverReasons
{
    public const string NotAllowed = "NotAllowed";
    public const string NotConfigured = "NotConfigured";
    public const string WildcardNeedsDns = "WildcardNeedsDns";
    public const string ChallengeNotSupported = "ChallengeNotSupported";
    public const string AddressNotSupported = "AddressNotSupported";
    public const string KeyBackendNotSupported = "KeyBackendNotSupported";
    public const string PriceUnknown = "PriceUnknown";
    public const string Unhealthy = "Unhealthy";
    public const string Dearer = "Dearer";
    public const string LessPreferred = "LessPreferred";
}
