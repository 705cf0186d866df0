using CertOperator.Crds;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Runs;

/// <summary>What each way in which a try may end makes of a run's status.</summary>
public static class RunTransitions
{
    public static RunStatus Advance(RunStatus status, StepName step, StepState state, string message, DateTimeOffset now)
    {
        status = WithStep(status, step, s => Try(s, now, counts: s.Attempts is null) with { State = state, FinishedAt = now, Reason = null, Message = message });
        status = RunLog.Append(status, $"{step}: {message}", now);
        if (RunStateMachine.NextStep(status) is { } next)
        {
            return status with { CurrentStep = next, Reason = RunReasons.InProgress, Message = null };
        }

        var failed = status.Report?.Any(c => c.Result == CheckResult.Failed) == true;
        var (phase, reason, text) = failed ? (RunPhase.Failed, RunReasons.ChecksFailed, RunReport.Summary(status.Report!)) : (RunPhase.Succeeded, RunReasons.Succeeded, SuccessMessage(status));
        return RunLog.Append(
            status with { Phase = phase, CurrentStep = null, Reason = reason, Message = text, FinishedAt = now, Conditions = RunConditions.Complete(!failed, reason, text, now) },
            failed ? "Dry run found faults." : "Run succeeded.",
            now);
    }

    public static RunStatus Wait(RunStatus status, StepName step, StepResult.Pending pending, DateTimeOffset now)
    {
        status = WithStep(status, step, s => Try(s, now, counts: s.Attempts is null) with { State = StepState.Running, Reason = RunReasons.Waiting, Message = pending.Message });
        return status with { Reason = RunReasons.Waiting, Message = pending.Message };
    }

    public static RunStatus Retry(RunStatus status, StepName step, StepResult.Transient transient, string jitterSeed, DateTimeOffset now)
    {
        status = WithStep(status, step, s => Try(s, now, counts: true) with { State = StepState.Running, Reason = transient.Reason, Message = transient.Message });
        var attempts = status.Steps!.First(s => s.Name == step).Attempts ?? 1;
        var wait = transient.RetryAfter ?? StepBackoff.Delay(attempts, jitterSeed);
        // No later run makes up for what comes after the Secret was written before the next certificate is due.
        var given = step > StepName.StoreSecret ? RunPhase.NeedsManual : RunPhase.Failed;
        if (attempts >= RunStateMachine.MaxAttempts)
        {
            return End(status, step, given, transient.Reason, $"{transient.Message} (tried {attempts} times)", transient.RetryAfter, now);
        }

        if (wait > RunStateMachine.LongestWait)
        {
            return End(status, step, given, transient.Reason, transient.Message, wait, now);
        }

        return RunLog.Append(
            status with { RetryAt = StoredTime.NotBefore(now + wait), Reason = transient.Reason, Message = transient.Message },
            $"{step}: {transient.Message} Next try in {wait.TotalSeconds:0.#} s.",
            now);
    }

    public static RunStatus GoBack(RunStatus status, StepName step, StepResult.GoBack back, DateTimeOffset now)
    {
        var placed = status.Order?.Placed ?? 1;
        if (placed >= RunStateMachine.MaxOrders * (1 + (status.Resumption?.Count ?? 0)))
        {
            return End(status, step, RunPhase.Failed, back.Reason, $"{back.Message} That happened {placed} times in this run.", null, now);
        }

        return RunLog.Append(
            status with
            {
                CurrentStep = back.To,
                Order = status.Order is null ? null : RunStateMachine.Forgotten(status.Order with { Placed = placed }),
                Steps = [.. status.Steps!.Select(s => s.Name >= back.To && s.Name <= step ? new RunStep { Name = s.Name, State = StepState.Pending, Attempts = s.Attempts, Reason = back.Reason, Message = back.Message } : s)],
                Reason = back.Reason,
                Message = back.Message,
            },
            $"{step}: {back.Message} Going back to {back.To}.",
            now);
    }

    public static RunStatus End(RunStatus status, StepName step, RunPhase phase, string reason, string message, TimeSpan? retryAfter, DateTimeOffset now)
    {
        status = status.Steps is null ? status : WithStep(status, step, s => Try(s, now, counts: s.Attempts is null) with { State = StepState.Failed, FinishedAt = now, Reason = reason, Message = message });
        return RunLog.Append(
            status with
            {
                Phase = phase,
                CurrentStep = step,
                Reason = reason,
                Message = $"{step}: {message}",
                RetryAt = retryAfter is { } after ? StoredTime.NotBefore(now + (after < RunStateMachine.LongestRetryAfter ? after : RunStateMachine.LongestRetryAfter)) : null,
                FinishedAt = now,
                Conditions = RunConditions.Complete(false, reason, message, now),
            },
            $"{step}: {message} Run ended: {phase}.",
            now);
    }

    public static RunStatus WithStep(RunStatus status, StepName name, Func<RunStep, RunStep> change)
        => status with { CurrentStep = name, Steps = [.. status.Steps!.Select(s => s.Name == name ? change(s) : s)] };

    private static string SuccessMessage(RunStatus status)
        => status.Report is { } report ? RunReport.Summary(report)
            : status.Certificate is { } certificate
            ? $"Certificate {certificate.Serial} of {certificate.Issuer} is stored; it is valid until {certificate.NotAfter:yyyy-MM-dd HH:mm} UTC."
            : "All steps are done.";

    private static RunStep Try(RunStep step, DateTimeOffset now, bool counts)
        => step with { StartedAt = step.StartedAt ?? now, Attempts = (step.Attempts ?? 0) + (counts ? 1 : 0) };
}
