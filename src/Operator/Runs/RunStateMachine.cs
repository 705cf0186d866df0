using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Challenges;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Challenges;

namespace CertOperator.Operator.Runs;

/// <summary>The life of a run. Pure: from what was observed and the time follows what to do, from a step's result follows the new status.</summary>
public static class RunStateMachine
{
    /// <summary>Tries of one step that may end in a transient error before the run fails.</summary>
    public const int MaxAttempts = 8;

    /// <summary>Orders that one run places at the most, when the CA keeps losing them.</summary>
    public const int MaxOrders = 3;

    /// <summary>A longer wait than this is not spent inside a run: the run fails and the policy tries again at that time.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>Whoever asks for more patience than this, a DNS provider as well as a CA, is asked again all the same: certificates expire.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(7);

    /// <summary>A run that is older than this is stuck, whatever its steps say.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromHours(24);

    public static RunDecision Decide(RunObservation observation, DateTimeOffset now)
    {
        var run = observation.Run;
        var status = run.Status;
        var held = RunHold.IsHeld(run);
        if (run.Metadata.DeletionTimestamp is not null && !held)
        {
            return new RunDecision.Nothing();
        }

        if (observation.Policy is null)
        {
            // A run that no policy has taken in is its maker's, who should read why nothing came of it.
            return Ownership.PolicyUid(run) is not null ? new RunDecision.Abandon($"Policy {run.Spec.PolicyRef.Name} no longer exists.")
                : IsFinal(status?.Phase) ? new RunDecision.Nothing()
                : new RunDecision.Fail(RunReasons.PolicyNotFound, $"spec.policyRef.name: namespace {run.Metadata.Namespace} has no policy {run.Spec.PolicyRef.Name}. Make a run that names one that exists; this one may be deleted.");
        }

        if (run.Metadata.DeletionTimestamp is not null)
        {
            return new RunDecision.Release();
        }

        switch (status?.Phase)
        {
            case RunPhase.Succeeded or RunPhase.Failed or RunPhase.NeedsManual:
                return held ? new RunDecision.Release() : Asked(observation) ?? new RunDecision.Nothing();

            case null or RunPhase.Queued:
                if (observation.OlderActiveRun is { } older)
                {
                    return new RunDecision.Queue($"Waits for run {older} of the same policy.{(RunRequest.Open(run, observation.Policy) is RunRequest.Resolve taken ? $" The pair in Secret {taken.Value} is taken over then; annotate that run to have it sooner." : "")}");
                }

                if (observation.PolicyProblem is null && Asked(observation) is { } asked)
                {
                    return asked;
                }

                if (observation.Pacing is { } wait)
                {
                    // The earlier pair would have to wait for hours, and by then the one that it is to replace would be the earlier one.
                    return PolicyRollback.Request(observation.Policy, observation.Policy.Status) is null
                        ? new RunDecision.Queue(wait.Message) { Pacing = wait }
                        : new RunDecision.Fail(RunReasons.PolicyChanged, $"Annotation {WellKnown.RollbackRequestedAt} of the policy asks for the certificate before while the run waited, so it was given up. It has issued nothing.");
                }

                return observation.Admitted
                    ? new RunDecision.Begin()
                    : new RunDecision.Queue("Waits for a free place: as many runs as allowed are in progress.");

            case RunPhase.Running:
                if (observation.PolicyProblem is { } problem)
                {
                    return new RunDecision.Fail(RunReasons.InvalidPolicy, problem);
                }

                if (NextStep(status) is { } left && left <= StepName.StoreSecret && status.RequestHash != observation.Resolved?.RequestHash)
                {
                    return new RunDecision.Fail(RunReasons.PolicyChanged, "The policy was changed while the run was in progress. A new run does what the policy says now.");
                }

                if (status.Steps is null || !status.Steps.Select(s => s.Name).SequenceEqual(Enum.GetValues<StepName>()))
                {
                    return new RunDecision.Fail(RunReasons.InvalidRun, "The status of the run does not hold every step once and in order. Only the operator writes there; the policy makes a new run.");
                }

                if (Asked(observation) is { } provided)
                {
                    return provided;
                }

                if (now > EndsBy(status))
                {
                    return new RunDecision.Fail(RunReasons.DeadlineExceeded, $"The run did not end within {Deadline.TotalHours:0} hours; the last word of step {status.CurrentStep} was: {status.Message}");
                }

                if (Later(status.RetryAt, observation.NotBefore) is { } due && due > now)
                {
                    return new RunDecision.Wait(due - now);
                }

                return NextStep(status) is { } step
                    ? new RunDecision.Execute(step)
                    : new RunDecision.Fail(RunReasons.InvalidRun, "The status of the run holds no step that is left to do. Only the operator writes there; the policy makes a new run.");

            default:
                return new RunDecision.Fail(RunReasons.InvalidRun, $"The run's phase {status.Phase} is unknown to this version of the operator.");
        }
    }

    /// <summary>Queued to Running: all steps laid out, the first one current.</summary>
    public static RunStatus Begin(RunStatus? status, RunMode mode, long? policyGeneration, string? requestHash, DateTimeOffset now)
        => RunLog.Append(
            (status ?? new RunStatus()) with
            {
                Phase = RunPhase.Running,
                Mode = mode,
                PolicyGeneration = policyGeneration,
                RequestHash = requestHash,
                CurrentStep = StepName.Preflight,
                Steps = [.. Enum.GetValues<StepName>().Select(name => new RunStep { Name = name, State = StepState.Pending })],
                StartedAt = now,
                Reason = RunReasons.InProgress,
                Message = null,
                RetryAt = null,
            },
            mode == RunMode.DryRun ? "Dry run started." : "Run started.",
            now);

    /// <summary>The status after one try of the current step.</summary>
    /// <param name="status">The status before the try.</param>
    /// <param name="step">The step.</param>
    /// <param name="result">How the try ended.</param>
    /// <param name="jitterSeed">What tells runs apart.</param>
    /// <param name="tried">When the try began.</param>
    /// <param name="now">When it ended.</param>
    public static RunStatus Apply(RunStatus status, StepName step, StepResult result, string jitterSeed, DateTimeOffset tried, DateTimeOffset now)
    {
        status = RunTransitions.WithStep(status, step, s => s with { StartedAt = s.StartedAt ?? tried }) with
        {
            Order = result.Order ?? status.Order,
            Certificate = result.Certificate ?? status.Certificate,
            Csr = result.Csr ?? status.Csr,
            IssuedAt = HasCome(status, step, result) ? now : status.IssuedAt,
            Cost = IssuedAnew(status, step, result) ? Due(status.CostEstimate) : status.Cost,
            Deploy = result.Deploy ?? status.Deploy,
            Snapshot = result.Snapshot ?? status.Snapshot,
            Report = result.Report is { Count: > 0 } checks ? RunReport.Add(status.Report ?? [], checks) : status.Report,
            RetryAt = null,
        };
        status = result.Warning is { } warning ? RunLog.Append(status, $"{step}: {warning}", now) : status;
        status = result.Note is { } note ? RunLog.Append(status, $"{step}: {note}", now) : status;
        switch (result)
        {
            case StepResult.Done done:
                // A dry run makes every check, so a step that found a fault does not end it.
                return RunTransitions.Advance(status, step, result.Report?.Any(c => c.Result == CheckResult.Failed) == true ? StepState.Failed : StepState.Done, done.Message, now);

            case StepResult.Skipped skipped:
                return RunTransitions.Advance(status, step, StepState.Skipped, skipped.Message, now);

            case StepResult.Pending pending:
                return RunTransitions.Wait(status, step, pending, now);

            case StepResult.Transient transient:
                return RunTransitions.Retry(status, step, transient, jitterSeed, now);

            case StepResult.Failed failed:
                return RunTransitions.End(status, step, RunPhase.Failed, failed.Reason, failed.Message, failed.RetryAfter, now);

            case StepResult.NeedsManual manual:
                return RunTransitions.End(status, step, RunPhase.NeedsManual, manual.Reason, manual.Message, null, now);

            case StepResult.GoBack back:
                return RunTransitions.GoBack(status, step, back, now);

            default:
                throw new InvalidOperationException($"Unknown step result {result.GetType().Name}.");
        }
    }

    private static bool HasCome(RunStatus status, StepName step, StepResult result)
        => step == StepName.Finalize && result.Certificate is { } issued && issued.Fingerprint != status.Certificate?.Fingerprint;

    /// <summary>A certificate that the CA still had costs nothing again.</summary>
    private static bool IssuedAnew(RunStatus status, StepName step, StepResult result)
        => HasCome(status, step, result) && (result.Order ?? status.Order)?.ReusedFrom is null;

    private static Money? Due(CostEstimate? estimate) => estimate is null ? null : new Money { Amount = estimate.Amount, Currency = estimate.Currency };

    /// <summary>Ends a run that cannot go on.</summary>
    public static RunStatus Fail(RunStatus? status, string reason, string message, DateTimeOffset now)
        => RunTransitions.End(status ?? new RunStatus(), status?.CurrentStep ?? StepName.Preflight, RunPhase.Failed, reason, message, null, now);

    /// <summary>Whether a finished run has written its certificate to the Secret; by the step that it ended at, since the cache keeps no list of steps.</summary>
    public static bool HasStored(RunStatus? status)
        => status is { Certificate: not null, FinishedAt: not null }
        && (status.Phase == RunPhase.Succeeded || (IsFinal(status.Phase) && status.CurrentStep > StepName.StoreSecret));

    /// <summary>A run that has ended, but leaves something behind that only a person can take away.</summary>
    public static RunStatus LeaveBehind(RunStatus ended, string obstacle, DateTimeOffset now)
    {
        var message = $"{ended.Message} {obstacle} Remove it by hand.";
        return RunLog.Append(
            ended with
            {
                Phase = RunPhase.NeedsManual,
                Reason = ChallengeReasons.ChallengeNotRemoved,
                Message = message,
                Conditions = RunConditions.Complete(false, ChallengeReasons.ChallengeNotRemoved, message, now),
            },
            $"{obstacle} Remove it by hand. Run ended: {RunPhase.NeedsManual}.",
            now);
    }

    /// <summary>What is kept of an order that is lost: how many there were, and what is still in place for it and has to be taken away first.</summary>
    public static RunOrder Forgotten(RunOrder order)
        => new() { Placed = order.Placed, Challenges = ChallengeCleanUp.HasWork(order) ? order.Challenges : null };

    /// <summary>When a run is called stuck; each time that a person takes it up again it gets another day. Null before it has started.</summary>
    public static DateTimeOffset? EndsBy(RunStatus status)
        => new[] { status.StartedAt, status.Resumption?.At, status.Resolution?.At }.Max() + Deadline;

    public static bool IsFinal(RunPhase? phase) => phase is RunPhase.Succeeded or RunPhase.Failed or RunPhase.NeedsManual;

    /// <summary>The step that is in progress or comes next; null when all are done.</summary>
    public static StepName? NextStep(RunStatus status)
        => status.Steps?.FirstOrDefault(s => s.State is StepState.Pending or StepState.Running)?.Name;

    private static RunDecision? Asked(RunObservation observation)
        => RunRequest.Open(observation.Run, observation.Policy) is { } request ? new RunDecision.Reopen(request)
            : RunRequest.Withdrawn(observation.Run) is not null ? new RunDecision.Withdraw()
            : null;

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset b) => a is null || a < b ? b : a;
}
