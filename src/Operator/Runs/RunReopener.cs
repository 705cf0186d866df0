using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Runs;

/// <summary>Takes up a run when a person asks for it, or says why not. Works on the run as it is stored: the cache keeps no steps of ended runs.</summary>
public sealed class RunReopener(IKubernetesClient client, ResourceStores stores, ProvidedPairs provided, RunReporter reporter, TimeProvider timeProvider)
{
    /// <summary>Whatever frees a run that waits calls again; this is for what nobody watches.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(15);

    /// <summary>The cache is as late as this at the most when nothing is amiss.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    /// <returns>When to look again where something that passes is in the way; null where the request was acted on.</returns>
    public async Task<TimeSpan?> ReopenAsync(RunObservation observation, RunWork work, CancellationToken cancellationToken)
    {
        if (observation.Run.Status?.Phase is null or RunPhase.Queued)
        {
            await reporter.AdoptAsync(observation.Run, observation.Policy!, cancellationToken);
        }

        var run = await _runs.FindAsync(NamespacedName.Of(observation.Run), cancellationToken);
        if (run is null)
        {
            return Moment;
        }

        if (RunRequest.Open(run, observation.Policy) is not { } request)
        {
            // Acted on by an earlier look that the cache has not seen yet.
            stores.Runs.Observe(run);
            return null;
        }

        if (ReopeningObstacles.Passing(run, observation.PolicyProblem, Others(run)) is { } obstacle)
        {
            stores.Runs.Observe(run);
            Tell(observation, work, obstacle);
            return LookAgain;
        }

        var now = timeProvider.GetUtcNow();
        var (status, refusal) = (request.Defect() ?? ReopeningObstacles.Lasting(run, request, observation.Policy!, Others(run))) is { } defect
            ? (RunReopening.Refuse(run.Status ?? new RunStatus { Phase = RunPhase.Queued }, request, defect, now), defect)
            : await AcceptAsync(run, observation, request, now, cancellationToken);
        if (refusal is not null && IsForNothingElse(run))
        {
            await reporter.FinishAsync(run, work, observation.Policy, RunStateMachine.Fail(status, RunReasons.ResolutionRefused, refusal, now), cancellationToken);
        }
        else
        {
            await reporter.SaveAsync(run, work, status, cancellationToken);
        }

        reporter.Reopened(observation.Policy!, run, request, refusal);
        return null;
    }

    /// <summary>Lets the same value ask anew after it was taken away.</summary>
    public async Task WithdrawAsync(CertificateRenewalRun run, RunWork work, CancellationToken cancellationToken)
    {
        var stored = await _runs.GetAsync(NamespacedName.Of(run), cancellationToken);
        if (RunRequest.Withdrawn(stored) is { } status)
        {
            await reporter.SaveAsync(stored, work, status, cancellationToken);
        }
        else
        {
            stores.Runs.Observe(stored);
        }
    }

    /// <summary>Tells once that an open request was seen and what it waits for.</summary>
    public void Tell(RunObservation observation, RunWork work, string obstacle)
    {
        if (RunRequest.Open(observation.Run, observation.Policy) is { } request && $"{request.Value}\n{obstacle}" is var said && work.Told != said)
        {
            work.Told = said;
            reporter.ReopeningWaits(observation.Policy!, observation.Run, request, obstacle);
        }
    }

    private async Task<(RunStatus Status, string? Refusal)> AcceptAsync(CertificateRenewalRun run, RunObservation observation, RunRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var generation = observation.Policy!.Metadata.Generation;
        var resolved = observation.Resolved!;
        if (request is RunRequest.Resume)
        {
            return (RunReopening.Resume(run.Status!, request, resolved.RequestHash, generation, now), null);
        }

        var status = run.Status ?? new RunStatus();
        var (certificate, refusal) = await provided.CheckAsync(observation.Policy, request.Value, resolved, run, cancellationToken);
        return certificate is null
            ? (RunReopening.Refuse(status with { Phase = status.Phase ?? RunPhase.Queued }, request, refusal!, now), refusal)
            : (RunReopening.Resolve(status, request, certificate, resolved.RequestHash, generation, now), null);
    }

    /// <summary>A run that was made to take over a pair must not turn to the CA where it cannot.</summary>
    private static bool IsForNothingElse(CertificateRenewalRun run)
        => !RunStateMachine.IsFinal(run.Status?.Phase) && run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason) == PolicyReasons.TakenOver;

    private List<CertificateRenewalRun> Others(CertificateRenewalRun run)
        => [.. stores.RunsOf(run.Metadata.Namespace!, run.Spec.PolicyRef.Name).Where(r => r.Metadata.Uid != run.Metadata.Uid)];
}
