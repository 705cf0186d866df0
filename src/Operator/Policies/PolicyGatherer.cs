using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Secrets.Sealing;

namespace CertOperator.Operator.Policies;

/// <summary>Reads everything that the decision about a policy rests on; the Secret only when there is a reason to.</summary>
public sealed class PolicyGatherer(ResourceStores stores, TargetSecrets secrets, RenewalState state, PolicyCredentials credentials, ProvidedPairs provided, SecretCheckInterval interval, TimeProvider timeProvider)
{
    /// <summary>The policy with what it inherits filled in.</summary>
    public CertificateRenewalPolicy? Find(NamespacedName key) => stores.Policies.Get(key) is { } policy ? InheritedDefaults.Fill(policy, stores.SettingsOf(key.Namespace)) : null;

    /// <param name="policy">The policy.</param>
    /// <param name="memory">What is remembered of it.</param>
    /// <param name="canStart">False while no further run may start: then a policy that is due anyway needs no look at its Secret.</param>
    /// <param name="cancellationToken">Ends the reads.</param>
    public async Task<PolicyObservation> GatherAsync(CertificateRenewalPolicy policy, PolicyMemory memory, bool canStart, CancellationToken cancellationToken)
    {
        var @namespace = policy.Metadata.Namespace!;
        var resolution = PolicyResolver.Resolve(policy, stores.SettingsOf(@namespace), ProviderChoice.Of(policy.Spec, policy.Status?.IssuanceFailures));
        var observation = new PolicyObservation
        {
            Policy = policy,
            Resolution = resolution,
            Runs = stores.RunsOf(@namespace, policy.Metadata.Name),
            OlderWriter = SecretWriters.Older(stores.Policies, policy),
            KeyConflict = SharedKeys.FindConflict(stores.Policies, policy),
            Secret = null,
            MissingReference = null,
            Probe = memory.Probe,
        };
        if (resolution.Policy is not { } resolved || observation is { OlderWriter: not null } or { KeyConflict: not null })
        {
            return observation;
        }

        try
        {
            observation = observation with { Takeover = await provided.JudgeAsync(policy, resolved, observation.ActiveRun, cancellationToken) };
        }
        catch (ForbiddenException e)
        {
            return observation with { Refusal = MissingRights.Describe(e) };
        }

        if (observation.ActiveRun is { } active && !IsPaced(active))
        {
            return PolicyObservation.HasWritten(active) ? observation with { Secret = Written(active, observation) } : observation;
        }

        var now = timeProvider.GetUtcNow();
        var rollback = PolicyRollback.Request(policy, policy.Status) is not null;
        var ended = PolicyAccounting.Unaccounted(policy.Status, observation.Runs);
        if (!rollback && JustRenewed(ended, observation) is { } renewed)
        {
            memory.SecretCheckDue = now + interval.Next(policy.Metadata.Uid!);
            return observation with { Secret = renewed };
        }

        var mayStart = MayStart(policy, now) || ended.Count > 0;
        if (!rollback && (mayStart ? !canStart && IsDue(policy, now) : memory.SecretCheckDue > now))
        {
            return observation;
        }

        try
        {
            observation = await LookAsync(observation, resolved, mayStart, rollback, cancellationToken);
        }
        catch (ForbiddenException e)
        {
            return observation with { Refusal = MissingRights.Describe(e) };
        }

        memory.SecretCheckDue = now + interval.Next(policy.Metadata.Uid!);
        return observation;
    }

    /// <summary>A run that waits for a cooldown or a budget may wait for days, in which the Secret must not be left alone.</summary>
    private static bool IsPaced(CertificateRenewalRun run) => run.Status is { Phase: RunPhase.Queued, RetryAt: not null };

    private async Task<PolicyObservation> LookAsync(PolicyObservation observation, ResolvedPolicy resolved, bool mayStart, bool rollback, CancellationToken cancellationToken)
    {
        var policy = observation.Policy;
        var (_, finding) = await secrets.ReadAsync(policy, resolved, cancellationToken);
        var inUse = (finding as SecretFinding.Present)?.Certificate.Fingerprint ?? observation.ExpectedFingerprint;
        return observation with
        {
            Secret = finding,
            Rollback = rollback ? await ChooseAsync(policy, inUse, resolved, cancellationToken) : null,
            MissingReference = mayStart ? await credentials.FindProblemAsync(policy.Metadata.Namespace!, resolved, deploys: policy.Status?.NotAfter is null, cancellationToken) : null,
        };
    }

    private async Task<RollbackCandidate> ChooseAsync(CertificateRenewalPolicy policy, string? inUse, ResolvedPolicy resolved, CancellationToken cancellationToken)
    {
        try
        {
            return KeptPair.Choose(await state.FindAsync(policy, cancellationToken), inUse, resolved, timeProvider.GetUtcNow());
        }
        catch (MasterKeyException e)
        {
            return new RollbackCandidate.Refused($"The earlier pair that is kept cannot be read. {e.Message}");
        }
    }

    /// <summary>Signs in the status that a run may be due, which must not rest on anything but the Secret itself.</summary>
    private static bool MayStart(CertificateRenewalPolicy policy, DateTimeOffset now)
        => policy.Status is not { NotAfter: { } notAfter } status
        || status.ObservedGeneration != policy.Metadata.Generation
        || status.RenewalTime is not { } renewal || renewal <= now
        || notAfter <= now
        || status.ConsecutiveFailures > 0

        // A run was in progress and is gone.
        || status.Phase is PolicyPhase.Running or PolicyPhase.Queued
        || PolicyDecider.Request(policy, status) is not null
        || PolicyTakeover.Request(policy, status) is not null
        || status.Conditions?.Any(c => c is { Type: PolicyStatusBuilder.Ready, Status: not "True" }) == true;

    /// <summary>Due by the status alone, and nothing known that stands in the way.</summary>
    private static bool IsDue(CertificateRenewalPolicy policy, DateTimeOffset now)
        => policy.Status is { } status
        && status.ObservedGeneration == policy.Metadata.Generation
        && (status.NotAfter is null || status.NotAfter <= now || status.RenewalTime <= now)
        && status.Conditions?.Any(c => c is { Type: PolicyStatusBuilder.Stalled, Status: "True", Reason: not PolicyReasons.InvalidSpec }) != true;

    /// <summary>A run that has just stored its certificate has also just checked it: no need to read the Secret again.</summary>
    private static SecretFinding.Present? JustRenewed(IReadOnlyList<CertificateRenewalRun> ended, PolicyObservation observation)
        => ended is [.., { Status: { Phase: RunPhase.Succeeded, Certificate: not null } } run]
            ? Written(run, observation)
            : null;

    /// <summary>What a run has written into the Secret; null where that was for another generation of the policy.</summary>
    private static SecretFinding.Present? Written(CertificateRenewalRun run, PolicyObservation observation)
        => run.Status is { Certificate: { } certificate } status && status.PolicyGeneration == observation.Policy.Metadata.Generation && observation.Resolution.Policy is { } resolved
            ? new SecretFinding.Present(certificate)
            {
                IssuedFrom = resolved.Issuer.Server.AbsoluteUri,
                KeyAlgorithm = resolved.KeyAlgorithm,
                KeySize = resolved.KeySize,
                KeyBackend = resolved.KeyBackend?.Identity,
                UpToDate = true,
                TakenOver = status.Resolution is not null,
            }
            : null;
}
