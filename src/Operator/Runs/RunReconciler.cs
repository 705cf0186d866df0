using System.Collections.Concurrent;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Runs.Steps;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Runs;

/// <summary>Brings a run forward: gather, decide, act, report, until it has to wait or is finished.</summary>
public sealed partial class RunReconciler(RunGatherer gatherer, RunSteps steps, RunReporter reporter, RunEnding ending, RunReopener reopener, TimeProvider timeProvider, ILogger<RunReconciler> logger) : IReconciler, ITermMemory
{
    /// <summary>Nine steps, some of them twice where the CA lost an order; more is a fault that must not spin.</summary>
    private const int MaxMoves = 40;

    /// <summary>A wait that a person would notice is worth a write, so that `kubectl get` tells what is waited for.</summary>
    private static readonly TimeSpan NoticeableWait = TimeSpan.FromSeconds(1);

    /// <summary>A run that waits this long gives its place to another: a CA that is never done must not hold up the runs of all others.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan QueueCheck = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<NamespacedName, RunWork> _work = new();

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        using var scope = logger.BeginScope(new Dictionary<string, object> { ["namespace"] = key.Namespace, ["run"] = key.Name });
        try
        {
            var result = await AdvanceAsync(key, cancellationToken);
            if (result is null)
            {
                Forget(key);
            }

            return result ?? ReconcileResult.Done.Instance;
        }
        catch (Exception e) when (e is ConflictException or NotFoundException)
        {
            // Somebody else wrote the run: what this process has in mind may be wrong, what is stored is not.
            Discard(key);
            throw;
        }
    }

    /// <summary>Drops everything that is kept in memory, such as after the leadership was lost.</summary>
    public void Reset()
    {
        foreach (var key in _work.Keys)
        {
            Forget(key);
        }
    }

    /// <returns>When to go on; null when the run needs nothing more.</returns>
    private async Task<ReconcileResult?> AdvanceAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        for (var move = 0; move < MaxMoves; move++)
        {
            var run = gatherer.Find(key);
            if (run is null)
            {
                return null;
            }

            var work = WorkOf(run);
            var observation = await gatherer.GatherAsync(run, work, HasBegun, timeProvider.GetUtcNow(), cancellationToken);
            var status = observation.Run.Status;
            var now = timeProvider.GetUtcNow();
            switch (RunStateMachine.Decide(observation, now))
            {
                case RunDecision.Nothing:
                    return null;

                case RunDecision.Reopen when work.Ending is null:
                    if (await reopener.ReopenAsync(observation, work, cancellationToken) is { } lookAgain)
                    {
                        return new ReconcileResult.RequeueAfter(lookAgain);
                    }

                    // What was known of the key, the order and the waits is not about what comes now.
                    Discard(key);
                    break;

                case RunDecision.Withdraw when work.Ending is null:
                    await reopener.WithdrawAsync(observation.Run, work, cancellationToken);
                    break;

                case RunDecision.Abandon abandon:
                    LogAbandoned(run.Spec.PolicyRef.Name, abandon.Message);
                    return Later(await ending.AbandonAsync(run, work, cancellationToken));

                case RunDecision.Release:
                    return Later(await ending.ReleaseAsync(run, work, cancellationToken));

                case var _ when work.Ending is { } end:
                    return work.NotBefore > now
                        ? Park(key, end, work.NotBefore - now, now)
                        : Later(await ending.EndAsync(observation.Run, work, observation.Policy!, end, cancellationToken));

                case RunDecision.Wait pause:
                    return Park(key, status!, pause.Delay, now);

                case RunDecision.Queue queue:
                    if (status?.Message != queue.Message)
                    {
                        await reporter.SaveAsync(run, work, (status ?? new RunStatus()) with { Phase = RunPhase.Queued, Reason = queue.Pacing?.Reason ?? RunReasons.Queued, Message = queue.Message, RetryAt = queue.Pacing?.Until }, cancellationToken);
                    }

                    reopener.Tell(observation, work, queue.Message);
                    return new ReconcileResult.RequeueAfter(queue.Pacing is { } wait ? Positive(wait.LookAgain - now) : QueueCheck);

                case RunDecision.Begin:
                    await reporter.AdoptAsync(run, observation.Policy!, cancellationToken);
                    work.Keep(RunStateMachine.Begin(status, RunModes.Of(run, observation.Policy), observation.Policy!.Metadata.Generation, observation.Resolved?.RequestHash, now) with { CostEstimate = observation.CostEstimate }, gatherer.Find(key)?.Metadata.ResourceVersion);
                    break;

                case RunDecision.Fail fail:
                    return Later(await ending.EndAsync(run, work, observation.Policy, RunStateMachine.Fail(status, fail.Reason, fail.Message, now), cancellationToken));

                case RunDecision.Execute execute:
                    if (await ExecuteAsync(execute.Step, observation, work, cancellationToken) is { } result)
                    {
                        return result;
                    }

                    break;
            }
        }

        throw new InvalidOperationException($"Run {key} made {MaxMoves} moves without coming to rest.");
    }

    /// <returns>Null to go on at once.</returns>
    private async Task<ReconcileResult?> ExecuteAsync(StepName step, RunObservation observation, RunWork work, CancellationToken cancellationToken)
    {
        var run = observation.Run;
        var context = new RunContext
        {
            Run = run,
            Status = run.Status!,
            Policy = observation.Policy!,
            Resolved = observation.Resolved!,
            Work = work,
            Now = timeProvider.GetUtcNow(),
        };
        var result = await steps.ExecuteAsync(step, context, cancellationToken);
        var now = timeProvider.GetUtcNow();
        var status = RunStateMachine.Apply(run.Status!, step, result, run.Metadata.Uid!, context.Now, now);
        reporter.StepEnded(run, observation.Policy!, step, result, status);

        if (RunStateMachine.IsFinal(status.Phase))
        {
            return Later(await ending.EndAsync(run, work, observation.Policy!, status, cancellationToken));
        }

        switch (result)
        {
            case StepResult.Pending pending:
                work.NotBefore = now + pending.RetryAfter;
                await (pending.PersistFirst ? reporter.SaveAsync(run, work, status, cancellationToken) : KeepOrSaveAsync(run, work, status, pending.RetryAfter, cancellationToken));
                return pending.RetryAfter <= TimeSpan.Zero ? null : Park(context.Key, status, pending.RetryAfter, now);

            case StepResult.GoBack or { PersistFirst: true }:
                await reporter.SaveAsync(run, work, status, cancellationToken);
                return null;

            case StepResult.Transient:
                await reporter.SaveAsync(run, work, status, cancellationToken);
                return status.RetryAt is { } due ? Park(context.Key, status, due - now, now) : null;

            default:
                work.Keep(status, run.Metadata.ResourceVersion);
                return null;
        }
    }

    private async Task KeepOrSaveAsync(CertificateRenewalRun run, RunWork work, RunStatus status, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait >= NoticeableWait && gatherer.Find(NamespacedName.Of(run))?.Status?.Message != status.Message)
        {
            await reporter.SaveAsync(run, work, status, cancellationToken);
        }
        else
        {
            work.Keep(status, run.Metadata.ResourceVersion);
        }
    }

    /// <summary>Waits, but not beyond the run's deadline.</summary>
    private ReconcileResult.RequeueAfter Park(NamespacedName key, RunStatus status, TimeSpan wait, DateTimeOffset now)
    {
        if (wait >= LongWait)
        {
            gatherer.Leave(key);
        }

        var left = RunStateMachine.EndsBy(status) + TimeSpan.FromSeconds(1) - now;
        return new ReconcileResult.RequeueAfter(left < wait ? left.Value : wait);
    }

    private static TimeSpan Positive(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1);

    private static ReconcileResult.RequeueAfter? Later(TimeSpan? wait) => wait is { } delay ? new ReconcileResult.RequeueAfter(delay) : null;

    /// <summary>A run that was deleted may have a successor of the same name, to which nothing that is remembered applies.</summary>
    private RunWork WorkOf(CertificateRenewalRun run)
    {
        var key = NamespacedName.Of(run);
        if (_work.TryGetValue(key, out var known) && known.RunUid != run.Metadata.Uid)
        {
            Discard(key);
        }

        return _work.GetOrAdd(key, _ => new RunWork { RunUid = run.Metadata.Uid });
    }

    private bool HasBegun(CertificateRenewalRun run) => _work.TryGetValue(NamespacedName.Of(run), out var work) && work.StatusOf(run)?.Phase == RunPhase.Running;

    private void Discard(NamespacedName key)
    {
        if (_work.TryRemove(key, out var work))
        {
            work.Dispose();
        }
    }

    private void Forget(NamespacedName key)
    {
        Discard(key);
        gatherer.Leave(key);
    }

    [LoggerMessage(1, LogLevel.Information, "Run of policy {Policy} is given up: {Message}")]
    private partial void LogAbandoned(string policy, string message);
}
