using CertOperator.Crds.Policies;
using CertOperator.Providers.Manual;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>A person, of whom nothing has to be known before.</summary>
public sealed record ResolvedManualIssuer : ResolvedIssuer
{
    public override IEnumerable<string> RequestParts => [];

    public override string PlaceName => "a person";

    public static ResolvedManualIssuer Create(CertificateRenewalPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new ResolvedManualIssuer { Provider = CertificateProviderKind.Manual, Field = "spec.provider", Server = ManualIssuer.ByHandIn(policy.Metadata.Namespace!) };
    }
}
