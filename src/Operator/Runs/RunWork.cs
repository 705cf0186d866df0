using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Challenges;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Runs;

/// <summary>
/// What this process knows of a run in progress beyond its status. All of it is derived again after a restart, so losing it costs
/// requests and nothing else.
/// </summary>
public sealed class RunWork : IDisposable
{
    public required string? RunUid { get; init; }

    /// <summary>What is ordered and with which credentials; null until it was resolved.</summary>
    public IssuanceRequest? Request { get; set; }

    /// <summary>Who is asked; null until the request was resolved.</summary>
    public ICertificateProvider? Provider { get; set; }

    public OrderSession? Session { get; set; }

    public ICertificateKey? Key { get; private set; }

    /// <summary>True where this process staged the key itself, so that no earlier process can have placed an order with it.</summary>
    public bool NoOrderCanExist { get; set; }

    public CertificateChain? Chain { get; private set; }

    /// <summary>Targets of which this process knows that nothing was ever made for them, by their ids.</summary>
    public HashSet<string> UntouchedTargets { get; } = [];

    /// <summary>What is known of the answers to the challenges.</summary>
    public ChallengeWork Challenges { get; set; } = new();

    /// <summary>How the run ends once its answers are taken away; null while it goes on.</summary>
    public RunStatus? Ending { get; set; }

    /// <summary>What was said of a request that waits, so that it is said once.</summary>
    public string? Told { get; set; }

    /// <summary>Earliest time of the next poll.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>A status that is not stored yet, and the version of the run that it builds on.</summary>
    public RunStatus? Unsaved { get; private set; }

    private string? _unsavedVersion;
    private PolicyResolution? _resolution;
    private (long? Generation, string? Settings) _resolvedVersions;

    /// <summary>The policy resolved; again only when the policy or the settings have changed.</summary>
    public PolicyResolution ResolutionOf(CertificateRenewalRun run, CertificateRenewalPolicy policy, CertificateRenewalSettings? settings)
    {
        var versions = (policy.Metadata.Generation, settings?.Metadata.ResourceVersion);
        if (_resolution is null || _resolvedVersions != versions)
        {
            (_resolution, _resolvedVersions) = (PolicyResolver.Resolve(policy, settings, run.Spec.Provider), versions);
        }

        return _resolution;
    }

    public void SetKey(ICertificateKey key)
    {
        Key?.Dispose();
        Key = key;
    }

    public void SetChain(CertificateChain? chain)
    {
        Chain?.Dispose();
        Chain = chain;
    }

    public void Keep(RunStatus status, string? version)
    {
        Unsaved = status;
        _unsavedVersion = version;
    }

    public void Saved()
    {
        Unsaved = null;
        _unsavedVersion = null;
    }

    /// <summary>The status to go on from. What was kept counts only for the version that it was built on.</summary>
    public RunStatus? StatusOf(CertificateRenewalRun run)
        => Unsaved is not null && _unsavedVersion == run.Metadata.ResourceVersion ? Unsaved : run.Status;

    public void Dispose()
    {
        Key?.Dispose();
        Chain?.Dispose();
    }
}
