using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Probing;

/// <summary>Everything that the decision whether to ask endpoints rests on.</summary>
public sealed record ProbeObservation
{
    public required CertificateRenewalPolicy Policy { get; init; }

    public required ResolvedVerification Verification { get; init; }

    /// <summary>Runs of the policy, oldest first.</summary>
    public required IReadOnlyList<CertificateRenewalRun> Runs { get; init; }

    /// <summary>The last look in this process; null before the first.</summary>
    public required ProbeOutcome? Last { get; init; }

    /// <summary>The longest time between two looks.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Before this time the endpoints are asked on request only.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Fingerprint of the certificate that the endpoints should serve: of the one in the Secret; null while there is none.</summary>
    public string? ExpectedFingerprint => PolicyObservation.ExpectedIn(Runs, Policy);
}
