using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Policies;

/// <summary>How the providers differ in what a policy can ask of them. Pure.</summary>
public static class ProviderRules
{
    public static bool IsAcme(CertificateProviderKind provider) => provider is CertificateProviderKind.LetsEncrypt or CertificateProviderKind.Acme;

    /// <summary>How control over the names is proven to a provider, whatever the policy says for the others that it allows.</summary>
    public static ChallengeKind ChallengeFor(CertificateProviderKind provider, ChallengeKind? asked)
        => provider switch
        {
            CertificateProviderKind.LetsEncrypt or CertificateProviderKind.Acme => asked ?? ChallengeKind.Http01,
            CertificateProviderKind.AwsAcm or CertificateProviderKind.GcpCm => ChallengeKind.Dns01,
            _ => ChallengeKind.None,
        };
}
