using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Runs;

/// <summary>Whether runs change anything. Pure.</summary>
public static class RunModes
{
    /// <summary>The mode of a run: its own word, else what was decided when it began, else the policy's default.</summary>
    public static RunMode Of(CertificateRenewalRun run, CertificateRenewalPolicy? policy)
        => run.Spec.Mode ?? run.Status?.Mode ?? DefaultOf(policy);

    public static RunMode DefaultOf(CertificateRenewalPolicy? policy) => policy?.Spec.DryRunDefault == true ? RunMode.DryRun : RunMode.Live;

    /// <summary>Whether a run that exists is a dry run.</summary>
    public static bool IsDry(CertificateRenewalRun run) => Of(run, null) == RunMode.DryRun;

    /// <summary>What the policy's annotation asks for.</summary>
    /// <returns>Null where its value is no mode.</returns>
    public static RunMode? Requested(CertificateRenewalPolicy policy)
        => policy.Metadata.Annotations?.GetValueOrDefault(WellKnown.RenewMode) switch
        {
            null or "" => DefaultOf(policy),
            nameof(RunMode.Live) => RunMode.Live,
            nameof(RunMode.DryRun) => RunMode.DryRun,
            _ => null,
        };
}
