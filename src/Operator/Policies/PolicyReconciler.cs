using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Kubernetes;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Policies;

/// <summary>Keeps a policy's certificate renewed: accounts for finished runs, decides whether a new one is due, makes it, and reports.</summary>
public sealed class PolicyReconciler(PolicyGatherer gatherer, PolicyReporter reporter, RunLauncher launcher, RenewalInfoPoller renewalInfo, PolicyMemories memories, TimeProvider timeProvider) : IReconciler
{
    /// <summary>A renewal that is faster than this is reported once, when it is done.</summary>
    private static readonly TimeSpan NoticeableTime = TimeSpan.FromSeconds(5);

    /// <summary>Where thousands are due at once, telling of each that it waits would slow down what they wait for.</summary>
    private static readonly TimeSpan NoticeableWait = TimeSpan.FromMinutes(1);

    /// <summary>Missing Secrets are not watched, so a stalled policy looks again by itself.</summary>
    private static readonly TimeSpan StalledCheck = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan InProgressCheck = TimeSpan.FromMinutes(1);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (gatherer.Find(key) is not { Metadata.DeletionTimestamp: null } policy)
        {
            memories.Forget(key);
            return ReconcileResult.Done.Instance;
        }

        var memory = memories.Of(policy);
        var observation = await gatherer.GatherAsync(policy, memory, launcher.HasPlace, cancellationToken);
        var now = timeProvider.GetUtcNow();

        var status = policy.Status ?? new PolicyStatus();
        var ended = PolicyAccounting.Unaccounted(status, observation.Runs);
        if (ended.Count == 0 && observation.ActiveRun is null)
        {
            launcher.Release(policy);
        }

        foreach (var run in ended)
        {
            status = PolicyRollback.Account(PolicyAccounting.Account(status, run, policy, observation.Resolution.Policy?.Issuer.Server, now), run);
        }

        status = ProviderChoice.Note(status, policy.Spec);
        status = PolicyAccounting.WithDryRun(PolicyAccounting.Handle(status, policy, observation.Runs), observation.Runs);
        status = PolicyRollback.Handle(PolicyRollback.Lift(status, policy), policy, observation.Runs);
        if (observation.Rollback is RollbackCandidate.Refused refused)
        {
            status = PolicyRollback.Refuse(status, policy, refused.Message);
        }

        status = PolicyTakeover.Note(PolicyTakeover.Lift(status, policy), policy, observation.ActiveRun is { } atWork ? [.. ended, atWork] : ended);
        var unfit = observation.Takeover as TakeoverCandidate.Refused;
        if (unfit is not null)
        {
            status = PolicyTakeover.Handled(status, unfit.Order.Secret);
        }

        status = PolicyProbing.Take(status, observation, now);
        if (observation.Secret is SecretFinding.Present { Certificate: var certificate }
            && (observation.ExpectedFingerprint is not { } expected || expected == certificate.Fingerprint))
        {
            status = PolicyStatusBuilder.WithCertificate(status, certificate);
            if (observation.Resolution.Policy is { } resolved)
            {
                status = await renewalInfo.RefreshAsync(status, resolved.Issuer, certificate, memory, cancellationToken);
            }
        }

        var schedule = Schedule(observation, status, now);
        status = PolicyStatusBuilder.WithSchedule(status, schedule);
        var decision = PolicyDecider.Decide(observation, status, schedule, now);
        if (decision is PolicyDecision.InProgress { Hastened: { } why } waiting)
        {
            await launcher.HastenAsync(waiting.Run, why, cancellationToken);
        }

        if (decision is PolicyDecision.InProgress { TakeOver: { } provided } obtaining)
        {
            await launcher.HandOverAsync(obtaining.Run, provided, cancellationToken);
        }

        DateTimeOffset? lookAgain = null;
        if (decision is PolicyDecision.Start scheduled && observation.Resolution.Policy is { } wanted && launcher.WaitOf(policy, wanted, scheduled, now) is { } wait)
        {
            lookAgain = wait.LookAgain;
            decision = wait.Reason == PacingReasons.FairShare ? decision : new PolicyDecision.BackOff(wait.Until, wait.Reason, wait.Message);
            memory.WaitingSince ??= now;
        }
        else if (decision is PolicyDecision.Start start)
        {
            try
            {
                if (await launcher.LaunchAsync(policy, observation.Resolution.Policy?.Provider, status, start, cancellationToken) is { } launched)
                {
                    memory.WaitingSince = null;
                    status = PolicyRollback.Handle(PolicyAccounting.Handle(status, policy, [launched]), policy, [launched]);
                    status = start.TakeOver is { } order && PolicyTakeover.IsFor(launched, order.Secret) ? PolicyTakeover.Handled(status, order.Secret) : status;
                    decision = new PolicyDecision.InProgress(launched);
                }
                else
                {
                    memory.WaitingSince ??= now;
                }
            }
            catch (ForbiddenException e)
            {
                var refusal = MissingRights.Describe(e);
                decision = new PolicyDecision.Stalled(refusal.Reason, refusal.Message);
            }
        }

        if (PolicyTakeover.Request(policy, status) is { } open && decision is not PolicyDecision.InProgress { TakeOver: not null })
        {
            reporter.TakeoverWaits(policy, memory, PolicyTakeover.WaitsFor(open, decision));
        }
        else
        {
            memory.Told = null;
        }

        var built = PolicyStatusBuilder.Build(observation, status, decision, schedule, now);
        // Which of a rollback and a renewal came last must not be left to guess, and what the endpoints serve has nothing to do with runs.
        if (built.Rollback == policy.Status?.Rollback && built.Handled?.ResolveWithSecret == policy.Status?.Handled?.ResolveWithSecret && !PolicyProbing.IsNews(policy.Status, built) && Postpone(policy, built, decision, memory, now) is { } later)
        {
            return new ReconcileResult.RequeueAfter(lookAgain is { } again && again - now < later ? again - now : later);
        }

        await reporter.SaveAsync(policy, built, decision, cancellationToken);
        if (unfit is not null)
        {
            reporter.TakeoverRefused(policy, unfit.Message);
        }

        await reporter.TrimHistoryAsync(observation, cancellationToken);
        return Next(built, decision, memory, lookAgain, now);
    }

    private static RenewalDecision? Schedule(PolicyObservation observation, PolicyStatus status, DateTimeOffset now)
    {
        if (status is not { NotBefore: { } notBefore, NotAfter: { } notAfter } || observation.Resolution.Policy is not { } resolved)
        {
            return null;
        }

        var inputs = new RenewalInputs
        {
            NotBefore = notBefore,
            NotAfter = notAfter,
            RenewBefore = resolved.RenewBefore,
            RenewBeforeText = resolved.RenewBeforeText,
            RenewBeforePercentage = resolved.RenewBeforePercentage,
            AriWindow = status.RenewalInfo is { WindowStart: { } start, WindowEnd: { } end } ? new AriWindow(start, end) : null,
            RenewedOnAdvice = status.RenewedOnAdvice ?? false,
            JitterSeed = observation.Policy.Metadata.Uid!,
        };
        return RenewalWindows.Apply(RenewalSchedule.Compute(inputs), resolved.Windows, inputs, now);
    }

    /// <summary>A run that has just begun, or just begun to wait, is usually over before anybody looks: writing that down would double the writes.</summary>
    private static TimeSpan? Postpone(CertificateRenewalPolicy policy, PolicyStatus built, PolicyDecision decision, PolicyMemory memory, DateTimeOffset now)
    {
        var due = decision switch
        {
            PolicyDecision.InProgress progress => progress.Run.Metadata.CreationTimestamp + NoticeableTime,
            PolicyDecision.Start => memory.WaitingSince + NoticeableWait,
            _ => null,
        };

        // A policy that has never said anything counts as ready in the eyes of GitOps tools, so its first word is not held back.
        if (due is not { } told || policy.Status is null)
        {
            return null;
        }

        if (told > now)
        {
            return told - now;
        }

        // Once it says that a run is in progress, the run itself tells the rest; but not in what phase the policy is, and whether there is a certificate.
        var saysSo = policy.Status?.Conditions?.Any(c => c is { Type: PolicyStatusBuilder.Reconciling, Status: "True", Reason: not PolicyReasons.BackingOff }) == true
            && policy.Status.ObservedGeneration == policy.Metadata.Generation
            && policy.Status.Phase == built.Phase && IsReady(policy.Status) == IsReady(built);
        return saysSo ? InProgressCheck : null;
    }

    private static bool IsReady(PolicyStatus status) => status.Conditions?.Any(c => c is { Type: PolicyStatusBuilder.Ready, Status: "True" }) == true;

    private static ReconcileResult.RequeueAfter Next(PolicyStatus status, PolicyDecision decision, PolicyMemory memory, DateTimeOffset? lookAgain, DateTimeOffset now)
    {
        if (decision is PolicyDecision.InProgress or PolicyDecision.Start)
        {
            return new ReconcileResult.RequeueAfter(InProgressCheck);
        }

        if (decision is PolicyDecision.Stalled)
        {
            return new ReconcileResult.RequeueAfter(StalledCheck);
        }

        DateTimeOffset?[] dues =
        [
            lookAgain,
            memory.SecretCheckDue,
            decision is PolicyDecision.BackOff backOff ? backOff.Until : status.RenewalTime,
            status.NotAfter,
            status.RenewalInfo?.NextPoll,
        ];
        var due = dues.Where(d => d > now).Min() ?? now + InProgressCheck;
        return new ReconcileResult.RequeueAfter(due - now);
    }
}
