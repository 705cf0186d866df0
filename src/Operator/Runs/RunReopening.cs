using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Runs;

/// <summary>The status of a run that had ended and goes on. Pure.</summary>
public static class RunReopening
{
    /// <summary>Goes on at the step that failed, with the key, order and challenges that there are.</summary>
    /// <param name="status">The whole status of the ended run.</param>
    /// <param name="request">Who asks.</param>
    /// <param name="requestHash">What the policy asks of the CA now; where that is another than the run was about, it starts over.</param>
    /// <param name="generation">The policy's generation.</param>
    /// <param name="now">The time.</param>
    public static RunStatus Resume(RunStatus status, RunRequest request, string? requestHash, long? generation, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(status);
        ArgumentNullException.ThrowIfNull(request);
        var failed = status.Steps?.FirstOrDefault(s => s.State == StepState.Failed)?.Name ?? status.CurrentStep ?? StepName.Preflight;
        var startsOver = status.Steps is null || (failed <= StepName.StoreSecret && status.Resolution is null && status.RequestHash != requestHash);
        var from = startsOver ? StepName.Preflight : failed;
        status = Open(status, now) with
        {
            CurrentStep = from,
            PolicyGeneration = generation,
            RequestHash = startsOver ? requestHash : status.RequestHash,
            Order = status.Order is not { } order ? null : startsOver ? RunStateMachine.Forgotten(order) : order with { Resumed = true },
            Steps = [.. Enum.GetValues<StepName>().Select(name => name >= from ? new RunStep { Name = name, State = StepState.Pending } : status.Steps!.First(s => s.Name == name))],
            Resumption = new RunResumption { At = now, Count = (status.Resumption?.Count ?? 0) + 1, RequestedBy = request.By },
        };
        return RunLog.Append(
            request.Handled(status),
            $"Resumed at step {from}, {request.Origin}.{(startsOver && failed > StepName.Preflight ? " The policy asks for something else than before, so nothing of the earlier steps can be kept." : "")}",
            now);
    }

    /// <summary>Goes on with storing a pair that a person provided; what is left of obtaining one is skipped.</summary>
    /// <param name="status">The whole status of the run, which has ended, is in progress or has not begun.</param>
    /// <param name="request">Who asks.</param>
    /// <param name="certificate">The certificate that was checked.</param>
    /// <param name="requestHash">What the policy asks of the CA now.</param>
    /// <param name="generation">The policy's generation.</param>
    /// <param name="now">The time.</param>
    public static RunStatus Resolve(RunStatus status, RunRequest request, CertificateSummary certificate, string? requestHash, long? generation, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(status);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(certificate);
        var done = status.Steps?.Where(s => s.State == StepState.Done).ToDictionary(s => s.Name) ?? [];
        status = Open(status, now) with
        {
            CurrentStep = StepName.StoreSecret,
            Mode = RunMode.Live,
            PolicyGeneration = generation,
            RequestHash = requestHash,
            Certificate = certificate,
            Steps = [.. Enum.GetValues<StepName>().Select(name =>
                name >= StepName.StoreSecret ? new RunStep { Name = name, State = StepState.Pending }
                : done.GetValueOrDefault(name) ?? new RunStep { Name = name, State = StepState.Skipped, FinishedAt = now, Message = $"The key pair in Secret {request.Value} is taken over." })],
            Resolution = new RunResolution { SecretName = request.Value, Fingerprint = certificate.Fingerprint, At = now, RequestedBy = request.By },
        };
        return RunLog.Append(
            request.Handled(status),
            $"The key pair in Secret {request.Value}, certificate {certificate.Serial} of {certificate.Issuer}, is taken over, {request.Origin}.",
            now);
    }

    /// <summary>Leaves the run as it is and says why.</summary>
    public static RunStatus Refuse(RunStatus status, RunRequest request, string why, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RunLog.Append(request.Handled(status), $"Not {(request is RunRequest.Resume ? "resumed" : "resolved")}, {request.Origin}: {why}", now);
    }

    private static RunStatus Open(RunStatus status, DateTimeOffset now)
        => status with
        {
            Phase = RunPhase.Running,
            Conditions = null,
            Reason = RunReasons.Resumed,
            Message = null,
            RetryAt = null,
            FinishedAt = null,
            StartedAt = status.StartedAt ?? now,
        };
}
