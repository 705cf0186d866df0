using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Operator.Costs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Batches;

/// <summary>Decides what becomes of one policy of a batch: what a batch may do is no more than what the policy lets a scheduled run do. Pure.</summary>
public static class BatchJudge
{
    /// <summary>A policy that must wait longer than this is left to its own schedule.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan RunCheck = TimeSpan.FromSeconds(5);

    private static readonly RenewalNeed Need = new(BatchReasons.Batch, "A batch wants a new certificate.");

    /// <param name="candidate">The policy and what is known of it.</param>
    /// <param name="strategy">How the provider is chosen.</param>
    /// <param name="plannedAt">When the batch was planned: a certificate that came after that is new enough.</param>
    /// <param name="now">The time.</param>
    public static BatchVerdict Judge(BatchCandidate candidate, BatchStrategy strategy, DateTimeOffset plannedAt, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        if (Hindrance(candidate, plannedAt) is { } hindrance)
        {
            return hindrance;
        }

        var answer = Choose(candidate, strategy);
        if (candidate.ActiveRun is { } active)
        {
            return new BatchVerdict.Later(now + RunCheck, BatchReasons.RunInProgress, $"Waits for run {active.Metadata.Name} of the same policy.", answer);
        }

        var status = candidate.Policy.Status ?? new PolicyStatus();
        switch (PolicyDecider.Obstacle(candidate.Policy, status, candidate.Resolution.Policy!.Issuer.Server, Need, now))
        {
            case PolicyDecision.Stalled stalled:
                return new BatchVerdict.Skip(stalled.Reason, stalled.Message, answer);

            case PolicyDecision.BackOff backOff:
                return Wait(backOff.Until, backOff.Until, PolicyReasons.BackingOff, backOff.Message, answer, now);
        }

        if (OwnCooldown(candidate, now) is { } cooldown)
        {
            return Wait(cooldown.Until, cooldown.LookAgain, cooldown.Reason, cooldown.Message, answer, now);
        }

        return answer.Provider is { } provider ? new BatchVerdict.Renew(provider, answer) : WithoutProvider(candidate, answer, now);
    }

    private static BatchVerdict.Skip? Hindrance(BatchCandidate candidate, DateTimeOffset plannedAt)
    {
        var policy = candidate.Policy;
        if (policy.Metadata.DeletionTimestamp is not null)
        {
            return new BatchVerdict.Skip(BatchReasons.PolicyNotFound, "The policy is being deleted.");
        }

        if (candidate.Resolution is { Policy: null, Problems: var problems })
        {
            return new BatchVerdict.Skip(problems[0].Reason, string.Join(" ", problems.Select(p => p.Message)));
        }

        if (policy.Spec.Suspend == true)
        {
            return new BatchVerdict.Skip(PolicyReasons.Suspended, "spec.suspend of the policy is true.");
        }

        if (policy.Spec.DryRunDefault == true)
        {
            return new BatchVerdict.Skip(PolicyReasons.DryRunOnly, "spec.dryRunDefault of the policy is true: nothing is issued for it unless somebody asks for that policy alone.");
        }

        if (policy.Status is { } told && PolicyRollback.Held(told) is not null)
        {
            return new BatchVerdict.Skip(PolicyReasons.RolledBack, "An earlier certificate of the policy was put back, which holds renewals until that is lifted.");
        }

        if (policy.Status?.ObservedGeneration == policy.Metadata.Generation
            && PolicyStatusFacts.Stalled(policy.Status) is { } stalled)
        {
            return new BatchVerdict.Skip(stalled.Reason, stalled.Message);
        }

        return candidate.IssuedAt >= plannedAt ? new BatchVerdict.Skip(BatchReasons.RenewedMeanwhile, "Another run has renewed the certificate since the batch was planned.") : null;
    }

    private static ProviderAnswer Choose(BatchCandidate candidate, BatchStrategy strategy)
    {
        var question = QuestionOf(candidate);
        if (strategy == BatchStrategy.CostAware)
        {
            return CheapestProvider.Choose(question);
        }

        var provider = candidate.Resolution.Policy!.Provider;
        return CheapestProvider.Obstacle(question, provider) is { } obstacle
            ? new ProviderAnswer(null, null, [obstacle])
            : new ProviderAnswer(provider, CheapestProvider.PriceOf(question, provider) is { } price ? PriceList.Money(price.Of(question.Names), price.Currency) : null, []);
    }

    private static ProviderQuestion QuestionOf(BatchCandidate candidate)
    {
        var spec = candidate.Policy.Spec;
        return new ProviderQuestion
        {
            Names = candidate.Resolution.Policy!.Names,
            Challenge = spec.Challenge,
            KeyBackend = spec.KeyBackend ?? KeyBackendKind.Local,
            Allowed = ProviderChoice.CandidatesOf(spec),
            Preferred = candidate.Settings?.Spec.PreferredProviders ?? [],
            Prices = PriceList.Of(candidate.Settings),
            States = candidate.Providers,
        };
    }

    /// <summary>The hostname's may not have been looked at; that of the policy's own certificate can be told at once.</summary>
    private static IssuanceWait? OwnCooldown(BatchCandidate candidate, DateTimeOffset now)
    {
        var until = candidate.IssuedAt + candidate.Resolution.Policy!.Cooldown;
        return candidate.Cooldown
            ?? (until > now ? new IssuanceWait(until.Value, until.Value, PacingReasons.Cooldown, $"Its certificate was issued less than {candidate.Resolution.Policy.Cooldown.TotalSeconds:0} seconds (spec.cooldownSeconds) ago.") : null);
    }

    /// <summary>A budget or a CA that wants to be left alone can be waited for, nothing else.</summary>
    private static BatchVerdict WithoutProvider(BatchCandidate candidate, ProviderAnswer answer, DateTimeOffset now)
    {
        var waits = answer.PassedOver.Select(p => candidate.Providers.GetValueOrDefault(p.Provider)?.Wait is { } wait && wait.Reason == p.Reason ? wait : null).OfType<IssuanceWait>().ToList();
        if (waits.MinBy(w => w.LookAgain) is { } first)
        {
            return new BatchVerdict.Later(first.LookAgain > now ? first.LookAgain : now + RunCheck, first.Reason, first.Message, answer);
        }

        var why = answer.PassedOver.Where(p => p.Reason != PassedOverReasons.NotAllowed).Select(p => $"{LabelNames<CertificateProviderKind>.Of(p.Provider)}: {p.Message}");
        return new BatchVerdict.Skip(BatchReasons.NoProvider, $"No provider that the policy allows can issue its certificate. {string.Join(" ", why)}", answer);
    }

    private static BatchVerdict Wait(DateTimeOffset until, DateTimeOffset lookAgain, string reason, string message, ProviderAnswer answer, DateTimeOffset now)
        => until - now > LongestWait ? new BatchVerdict.Skip(reason, message, answer) : new BatchVerdict.Later(lookAgain, reason, message, answer);
}
