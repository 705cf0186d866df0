using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Policies;

/// <summary>Which of the providers of a policy is asked. Pure.</summary>
public static class ProviderChoice
{
    /// <summary>Runs in a row without a certificate after which the next provider has its turn.</summary>
    public const int FailuresEach = 3;

    public static CertificateProviderKind PrimaryOf(PolicySpec spec) => spec.Provider ?? CertificateProviderKind.LetsEncrypt;

    /// <summary>In the order in which they are asked.</summary>
    public static IReadOnlyList<CertificateProviderKind> CandidatesOf(PolicySpec spec) => [.. (spec.AllowedProviders ?? []).Prepend(PrimaryOf(spec)).Distinct()];

    /// <summary>Says in a status whom the next run asks.</summary>
    public static PolicyStatus Note(PolicyStatus status, PolicySpec spec)
        => status with { Provider = Of(spec, status.IssuanceFailures) is var next && next != PrimaryOf(spec) ? next : null };

    /// <summary>Whether a provider had its turn since the last certificate, in vain, and another one has it now.</summary>
    public static bool HasFailed(PolicySpec spec, int? issuanceFailures, CertificateProviderKind provider)
        => Of(spec, issuanceFailures) != provider && CandidatesOf(spec).Take((issuanceFailures ?? 0) / FailuresEach).Contains(provider);

    /// <summary>A certificate sets the failures to zero, and with that brings the first provider back.</summary>
    public static CertificateProviderKind Of(PolicySpec spec, int? issuanceFailures)
    {
        var candidates = CandidatesOf(spec);
        return candidates[(issuanceFailures ?? 0) / FailuresEach % candidates.Count];
    }
}
