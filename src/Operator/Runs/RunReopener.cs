using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Runs;

/// <summary>Takes up a run that has ended when a person asks for it, or says why not. Works on the run as it is stored: the cache keeps no steps of ended runs.</summary>
public sealed class RunReopener(IKubernetesClient client, ResourceStores stores, TargetSecretWriter secrets, StagedKeys staged, RunReporter reporter, TimeProvider timeProvider)
{
    /// <summary>The annotation is the request: as long as it says the same, nothing new is asked.</summary>
    private const string OnceEach = $"Each name is tried once: put the pair into a Secret of another name, and set {WellKnown.ResolveWithSecret} to that.";

    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    public async Task ReopenAsync(RunObservation observation, RunWork work, CancellationToken cancellationToken)
    {
        var run = await _runs.FindAsync(NamespacedName.Of(observation.Run), cancellationToken);
        if (run is null || RunRequest.Open(run) is not { } request)
        {
            // Deleted, or acted on by an earlier look that the cache has not seen yet.
            if (run is not null)
            {
                stores.Runs.Observe(run);
            }

            return;
        }

        var now = timeProvider.GetUtcNow();
        var (status, refusal) = (request.Defect() ?? Obstacle(run, observation)) is { } obstacle
            ? (RunReopening.Refuse(run.Status!, request, obstacle, now), obstacle)
            : await AcceptAsync(run, observation, request, now, cancellationToken);
        await reporter.SaveAsync(run, work, status, cancellationToken);
        reporter.Reopened(observation.Policy!, run, request, refusal);
    }

    private async Task<(RunStatus Status, string? Refusal)> AcceptAsync(CertificateRenewalRun run, RunObservation observation, RunRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var generation = observation.Policy!.Metadata.Generation;
        var resolved = observation.Resolved!;
        if (request is RunRequest.Resume)
        {
            return (RunReopening.Resume(run.Status!, request, resolved.RequestHash, generation, now), null);
        }

        try
        {
            var secret = await secrets.FindAsync(run.Metadata.Namespace!, request.Value, cancellationToken);
            using var pair = await ProvidedPair.ReadAsync(secret, request.Value, resolved, ct => staged.FindAsync(observation.Policy, run, resolved, ct), now, cancellationToken);
            return (RunReopening.Resolve(run.Status!, request, CertificateSummaries.From(pair.Chain.Facts), resolved.RequestHash, generation, now), null);
        }
        catch (Exception e) when (e is CredentialException or MasterKeyException or IssuanceException { Failure: not IssuanceFailure.Transient })
        {
            var refusal = $"{e.Message} {OnceEach}";
            return (RunReopening.Refuse(run.Status!, request, refusal, now), refusal);
        }
    }

    private string? Obstacle(CertificateRenewalRun run, RunObservation observation)
    {
        if (RunModes.IsDry(run))
        {
            return $"It is a dry run, which ends with its report. Ask for another one: annotate policy {run.Spec.PolicyRef.Name} with {WellKnown.RenewRequestedAt} and {WellKnown.RenewMode}: {RunMode.DryRun}.";
        }

        if (observation.PolicyProblem is { } problem)
        {
            return $"The policy cannot be carried out. {problem}";
        }

        var others = stores.RunsOf(run.Metadata.Namespace!, run.Spec.PolicyRef.Name).Where(r => r.Metadata.Uid != run.Metadata.Uid).ToList();
        if (others.FirstOrDefault(r => !RunStateMachine.IsFinal(r.Status?.Phase)) is { } active)
        {
            return $"Run {active.Metadata.Name} of the same policy is in progress. Ask again when it has ended.";
        }

        return others.FirstOrDefault(r => r.Status is { Phase: RunPhase.Succeeded, FinishedAt: { } finished } && finished > run.Status!.FinishedAt) is { } later
            ? $"Run {later.Metadata.Name} has succeeded since; there is nothing left to do here."
            : null;
    }
}
