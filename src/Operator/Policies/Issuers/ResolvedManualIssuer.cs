using CertOperator.Crds.Policies;
using CertOperator.Providers.Manual;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>A person, of whom nothing has to be known before.</summary>
public sealed record ResolvedManualIssuer : ResolvedIssuer
{
    public override IEnumerable<string> RequestParts => [];

    public static ResolvedManualIssuer Create() => new() { Provider = CertificateProviderKind.Manual, Field = "spec.provider", Server = ManualIssuer.ByHand };
}
