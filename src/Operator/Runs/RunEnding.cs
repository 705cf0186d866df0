using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Challenges;
using CertOperator.Providers.Challenges;

namespace CertOperator.Operator.Runs;

/// <summary>How a run ends, well or not: what it has put in place for the CA goes first, then the end is told, then the run may go.</summary>
public sealed class RunEnding(RunReporter reporter, RunAbandonment abandonment, ChallengeCleanUp challenges, RunHold hold, TimeProvider timeProvider)
{
    private static readonly TimeSpan FirstGap = TimeSpan.FromSeconds(1);

    /// <summary>Ends a run.</summary>
    /// <returns>When to go on; null when it has ended.</returns>
    public async Task<TimeSpan?> EndAsync(CertificateRenewalRun run, RunWork work, CertificateRenewalPolicy? policy, RunStatus status, CancellationToken cancellationToken)
    {
        // A step that has tried this itself has nothing left to try.
        if (status.Reason != ChallengeReasons.ChallengeNotRemoved && ChallengeCleanUp.HasWork(status.Order))
        {
            var result = await challenges.RemoveAsync(run, status.Order, work.Challenges, cancellationToken);
            status = status with { Order = result.Order };
            work.Ending = status;
            if (Gap(result, work) is { } gap)
            {
                work.NotBefore = timeProvider.GetUtcNow() + gap;
                return gap;
            }

            status = result.Obstacle is { } obstacle ? RunStateMachine.LeaveBehind(status, obstacle, timeProvider.GetUtcNow()) : status;
        }

        await reporter.FinishAsync(run, work, policy, InOrder(status, policy), cancellationToken);
        work.Ending = null;
        await hold.ReleaseAsync(NamespacedName.Of(run), cancellationToken);
        return null;
    }

    /// <summary>Runs are accounted for in the order they finished, which a leader whose clock is behind that of its predecessor must not upset.</summary>
    private static RunStatus InOrder(RunStatus status, CertificateRenewalPolicy? policy)
        => policy?.Status?.LastFinishedRun?.FinishedAt is { } last && status.FinishedAt <= last ? status with { FinishedAt = last + TimeSpan.FromMilliseconds(1) } : status;

    /// <summary>Gives up a run whose policy is gone.</summary>
    /// <returns>When to go on; null when it is done.</returns>
    public async Task<TimeSpan?> AbandonAsync(CertificateRenewalRun run, RunWork work, CancellationToken cancellationToken)
    {
        if (await RemoveAsync(run, work, cancellationToken) is { } gap)
        {
            return gap;
        }

        await hold.ReleaseAsync(NamespacedName.Of(run), cancellationToken);
        await abandonment.AbandonAsync(run, work, cancellationToken);
        return null;
    }

    /// <summary>Lets a run go that has ended, or that somebody deletes.</summary>
    /// <returns>When to go on; null when it is done.</returns>
    public async Task<TimeSpan?> ReleaseAsync(CertificateRenewalRun run, RunWork work, CancellationToken cancellationToken)
    {
        if (await RemoveAsync(run, work, cancellationToken) is { } gap)
        {
            return gap;
        }

        await hold.ReleaseAsync(NamespacedName.Of(run), cancellationToken);
        return null;
    }

    /// <summary>Nobody will look at the run any more, so what cannot be taken away is told in an Event and in the log.</summary>
    private async Task<TimeSpan?> RemoveAsync(CertificateRenewalRun run, RunWork work, CancellationToken cancellationToken)
    {
        if (RunStateMachine.IsFinal(run.Status?.Phase) || !ChallengeCleanUp.HasWork(run.Status?.Order))
        {
            return null;
        }

        var result = await challenges.RemoveAsync(run, run.Status!.Order, work.Challenges, cancellationToken);
        if (Gap(result, work) is { } gap)
        {
            return gap;
        }

        if (result.Obstacle is { } obstacle)
        {
            reporter.LeftBehind(run, obstacle);
        }

        return null;
    }

    private static TimeSpan? Gap(CleanUpResult result, RunWork work)
        => result is { Obstacle: not null, MayPass: true } && ++work.Challenges.RemovalTries < ChallengeCleanUp.MaxTries
            ? FirstGap * Math.Pow(2, work.Challenges.RemovalTries - 1)
            : null;
}
