using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Policies;

/// <summary>Decides what happens about a policy. Pure.</summary>
public static class PolicyDecider
{
    /// <summary>More certificates than this in a day are no renewals but a loop, unless they live so briefly that they have to be.</summary>
    public const int IssuancesPerDay = 5;

    /// <summary>Least time between two restorations, so that a tug of war over a Secret stays slow.</summary>
    public static readonly TimeSpan RestoreGap = TimeSpan.FromMinutes(1);

    /// <param name="observation">What was read.</param>
    /// <param name="status">The policy's status with every finished run accounted for.</param>
    /// <param name="schedule">When the certificate at hand is due; null without one.</param>
    /// <param name="now">The time.</param>
    public static PolicyDecision Decide(PolicyObservation observation, PolicyStatus status, RenewalDecision? schedule, DateTimeOffset now)
    {
        var takeover = PolicyTakeover.Request(observation.Policy, status) is not null && observation.Takeover is TakeoverCandidate.Possible { Order: var order } ? order : null;
        if (observation.ActiveRun is { } active)
        {
            return new PolicyDecision.InProgress(active)
            {
                Hastened = Haste(observation, active, schedule, now),
                TakeOver = takeover is not null && PolicyTakeover.CanTake(active, observation.Policy, takeover.Secret) ? takeover : null,
            };
        }

        if (observation.Resolution.Policy is not { } policy)
        {
            var problems = observation.Resolution.Problems;
            return new PolicyDecision.Stalled(problems[0].Reason, string.Join(" ", problems.Select(p => p.Message)));
        }

        if (Request(observation.Policy, status) is { } asked)
        {
            switch (RunModes.Requested(observation.Policy))
            {
                case null:
                    // A misspelt wish must not stop what has to be done anyway.
                    var answered = (status.Handled ?? new HandledRequests()) with { RenewRequestedAt = asked };
                    return Decide(observation, status with { Handled = answered }, schedule, now) is PolicyDecision.Start start ? start : new PolicyDecision.Stalled(
                        PolicyReasons.InvalidSpec,
                        $"Annotation {WellKnown.RenewMode}: {InputExcerpt.Of(observation.Policy.Metadata.Annotations![WellKnown.RenewMode])} is neither {RunMode.Live} nor {RunMode.DryRun}. Correct it, or remove it for what spec.dryRunDefault says.");

                case RunMode.DryRun:
                    // What would stop a live run is for the report to say.
                    return new PolicyDecision.Start(RunTrigger.Manual, Requested, asked) { Mode = RunMode.DryRun };
            }
        }

        if ((observation.OlderWriter is { } writer ? SecretWriters.Conflict(policy.SecretName, writer) : observation.KeyConflict) is { } conflict)
        {
            return DryRunOf(observation, status, policy, new RenewalNeed(conflict.Reason, conflict.Message), now) ?? (PolicyDecision)new PolicyDecision.Stalled(conflict.Reason, conflict.Message);
        }

        if (observation.Refusal is { } refusal)
        {
            return new PolicyDecision.Stalled(refusal.Reason, refusal.Message);
        }

        if (observation.Secret is SecretFinding.Untouchable untouchable)
        {
            return DryRunOf(observation, status, policy, new RenewalNeed(untouchable.Reason, untouchable.Message), now) ?? (PolicyDecision)new PolicyDecision.Stalled(untouchable.Reason, untouchable.Message);
        }

        // Neither what holds renewals up nor what the CA's credentials lack concerns a pair that is there.
        if (takeover is not null)
        {
            return new PolicyDecision.Start(RunTrigger.Manual, new RenewalNeed(PolicyReasons.TakenOver, $"Annotation {WellKnown.ResolveWithSecret} asks for the pair in Secret {takeover.Secret}."), null) { TakeOver = takeover };
        }

        var need = observation.Secret is { } finding
            ? RenewalNeeds.From(finding, observation.ExpectedFingerprint, policy, schedule, now)
            : RenewalNeeds.From(status, policy, schedule, now);
        need ??= status.RetryRequested == true ? new RenewalNeed(PolicyReasons.Requested, $"The renewal that annotation {WellKnown.RenewRequestedAt} asked for has failed.") : null;

        if (PolicyRollback.Request(observation.Policy, status) is { } rollback && observation.Rollback is RollbackCandidate.Possible { Certificate: var earlier })
        {
            var why = new RenewalNeed(PolicyReasons.RolledBack, $"Annotation {WellKnown.RollbackRequestedAt} asks for certificate {earlier.Serial}, which was in use before.");
            return new PolicyDecision.Start(RunTrigger.Manual, why, null) { Rollback = new RollbackOrder(earlier.Fingerprint, rollback) };
        }

        if (Request(observation.Policy, status) is { } request)
        {
            return observation.MissingReference is { } missing
                ? new PolicyDecision.Stalled(missing.Reason, missing.Message)
                : new PolicyDecision.Start(RunTrigger.Manual, Requested, request);
        }

        if (policy.Suspended)
        {
            return new PolicyDecision.Suspended(need);
        }

        if (need is not null && RunModes.DefaultOf(observation.Policy) == RunMode.DryRun)
        {
            return DryRunOf(observation, status, policy, need, now) ?? (PolicyDecision)new PolicyDecision.DryRunOnly(need, status.LastDryRun!);
        }

        if (PolicyRollback.Held(status) is { } held)
        {
            var restored = RenewalNeeds.IsRestorable(need?.Reason) ? Scheduled(observation, status, need!, now) : new PolicyDecision.Held(held, need);
            return restored is PolicyDecision.Start again ? again with { Rollback = new RollbackOrder(held.Fingerprint!, null) } : restored;
        }

        return need is null ? new PolicyDecision.Wait() : Scheduled(observation, status, need, now);
    }

    /// <summary>The dry run that spec.dryRunDefault wants; null where there is none to make, or it was made. One that a person asked for is as good, unless the renewal came due after it.</summary>
    private static PolicyDecision.Start? DryRunOf(PolicyObservation observation, PolicyStatus status, ResolvedPolicy policy, RenewalNeed need, DateTimeOffset now)
        => RunModes.DefaultOf(observation.Policy) != RunMode.DryRun || policy.Suspended
            || (status.LastDryRun is { } last && last.Generation == observation.Policy.Metadata.Generation
                && (last.Reason == need.Reason || (last.Reason == PolicyReasons.Requested && !(status.RenewalTime <= now && status.RenewalTime > last.FinishedAt))))
            ? null
            : new PolicyDecision.Start(RunTrigger.Scheduled, need, null) { Mode = RunMode.DryRun };

    private static RenewalNeed Requested => new(PolicyReasons.Requested, $"Requested by annotation {WellKnown.RenewRequestedAt}.");

    /// <summary>What has come up while a run waits, and does not let it wait: it was made for something that could.</summary>
    private static RenewalNeed? Haste(PolicyObservation observation, CertificateRenewalRun active, RenewalDecision? schedule, DateTimeOffset now)
        => observation is { Secret: { } finding, Resolution.Policy: { } policy } && active.Metadata.Annotations?.ContainsKey(WellKnown.RunHastened) != true
            && RenewalNeeds.From(finding, observation.ExpectedFingerprint, policy, schedule, now) is { } need && RenewalNeeds.CannotWait(need.Reason)
            && need.Reason != active.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason)
            ? need
            : null;

    /// <summary>An annotation value that has not been acted on.</summary>
    public static string? Request(CertificateRenewalPolicy policy, PolicyStatus? status)
        => policy.Metadata.Annotations?.GetValueOrDefault(WellKnown.RenewRequestedAt) is { Length: > 0 } value && value != status?.Handled?.RenewRequestedAt
            ? value
            : null;

    private static PolicyDecision Scheduled(PolicyObservation observation, PolicyStatus status, RenewalNeed need, DateTimeOffset now)
        => Obstacle(observation.Policy, status, observation.Resolution.Policy!.Issuer.Server, need, now)
        ?? (observation.MissingReference is { } missing
            ? new PolicyDecision.Stalled(missing.Reason, missing.Message)
            : new PolicyDecision.Start(RunTrigger.Scheduled, need, null));

    /// <summary>What earlier runs leave a scheduled one to wait for; null where it need not wait.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="status">Its status with every finished run accounted for.</param>
    /// <param name="server">The server that would be asked.</param>
    /// <param name="need">Why the certificate is wanted.</param>
    /// <param name="now">The time.</param>
    public static PolicyDecision? Obstacle(CertificateRenewalPolicy policy, PolicyStatus status, Uri server, RenewalNeed need, DateTimeOffset now)
    {
        var unchanged = status.LastFinishedRun?.Generation == policy.Metadata.Generation;
        // One that failed to bring its certificate into use must not let the next one expire.
        if (unchanged && status.LastFinishedRun is { Phase: RunPhase.NeedsManual, Stored: not true })
        {
            return new PolicyDecision.Stalled(
                PolicyReasons.NeedsManual,
                $"{status.LastFinishedRun.Message} When that is mended, annotate run {status.LastFinishedRun.Name} with {WellKnown.ResumeRequestedAt} to go on there, or the policy with {WellKnown.RenewRequestedAt} to start over.");
        }

        if (unchanged && status.NextAttemptTime is { } next && IsAhead(next, now))
        {
            return new PolicyDecision.BackOff(next, status.LastFinishedRun?.Reason ?? PolicyReasons.RenewalFailed, status.LastFinishedRun?.Message ?? need.Message);
        }

        // An edit does not make the CA forget what it asked for.
        if (status.LastFinishedRun is { RetryAt: { } asked, Server: { } asker, Message: var message } last && IsAhead(asked, now) && asker == server.AbsoluteUri)
        {
            return new PolicyDecision.BackOff(asked, last.Reason ?? PolicyReasons.RenewalFailed, message ?? need.Message);
        }

        if (RenewalNeeds.IsRestorable(need.Reason) && status.LastFinishedRun is { Restored: true } restored && (now - restored.FinishedAt).Duration() < RestoreGap)
        {
            return new PolicyDecision.BackOff(restored.FinishedAt + RestoreGap, need.Reason, $"{need.Message} It was restored a moment ago: find out who changes it.");
        }

        var recent = Recent(status.RecentIssuances, now);
        var limit = LimitFor(status);
        if (recent.Count >= limit && Earlier(recent[^limit] + TimeSpan.FromDays(1), LastMoment(status)) is var until && until > now)
        {
            return new PolicyDecision.BackOff(
                until,
                PolicyReasons.IssuanceLimit,
                $"{recent.Count} certificates were issued in 24 hours and yet another is wanted: {need.Message} Find out what replaces or shortens them; annotate the policy with {WellKnown.RenewRequestedAt} to renew all the same.");
        }

        return null;
    }

    /// <summary>Nobody is made to wait nearly as long as that: what lies further ahead was written by a clock that was wrong.</summary>
    private static bool IsAhead(DateTimeOffset time, DateTimeOffset now) => time > now && time - now < 2 * RunStateMachine.LongestRetryAfter;

    /// <summary>A certificate is renewed after two thirds of its life; who has it renewed after half of it is in no loop either.</summary>
    private static int LimitFor(PolicyStatus status)
        => status is { NotBefore: { } start, NotAfter: { } end } && end > start ? (int)Math.Clamp(Math.Ceiling(TimeSpan.FromDays(1) / ((end - start) / 2)), IssuancesPerDay, int.MaxValue) : IssuancesPerDay;

    /// <summary>The guard slows a loop down; it must not let a certificate expire.</summary>
    private static DateTimeOffset? LastMoment(PolicyStatus status)
        => status is { NotBefore: { } start, NotAfter: { } end } && end > start ? end - ((end - start) / 10) : null;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset? b) => b < a ? b.Value : a;

    public static IReadOnlyList<DateTimeOffset> Recent(IReadOnlyList<DateTimeOffset>? issuances, DateTimeOffset now)
        => [.. (issuances ?? []).Where(t => now - t < TimeSpan.FromDays(1))];
}
