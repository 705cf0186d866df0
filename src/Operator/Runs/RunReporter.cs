using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Telemetry;
using CertOperator.Providers.Challenges;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Runs;

/// <summary>Where the status of a run, its log, its metrics and its Event change together.</summary>
public sealed partial class RunReporter(IKubernetesClient client, ResourceStores stores, IEventRecorder events, CertOperatorMetrics metrics, ILogger<RunReporter> logger)
{
    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    /// <summary>Stores a status; the next read sees it.</summary>
    public async Task SaveAsync(CertificateRenewalRun run, RunWork work, RunStatus status, CancellationToken cancellationToken)
    {
        var written = await _runs.UpdateStatusAsync(new CertificateRenewalRun { Metadata = run.Metadata, Spec = run.Spec, Status = status }, cancellationToken);
        work.Saved();
        stores.Runs.Observe(written);
    }

    /// <summary>A run that a person made gets the owner and the label that the operator's own runs are made with.</summary>
    public async Task AdoptAsync(CertificateRenewalRun run, CertificateRenewalPolicy policy, CancellationToken cancellationToken)
    {
        if (Ownership.PolicyUid(run) is not null)
        {
            return;
        }

        var patched = RunTemplate.For(policy, run.Metadata.Name, run.Spec).Metadata;
        var patch = Patch.Merge(
            new CertificateRenewalRun
            {
                Metadata = new ObjectMeta
                {
                    Name = run.Metadata.Name,
                    ResourceVersion = run.Metadata.ResourceVersion,
                    Labels = patched.Labels,
                    Annotations = patched.Annotations,
                    OwnerReferences = [.. run.Metadata.OwnerReferences ?? [], .. patched.OwnerReferences!.Select(o => BesideOthers(run, o))],
                },
                Spec = run.Spec,
            },
            CrdsJsonContext.Default.CertificateRenewalRun);
        stores.Runs.Observe(await _runs.PatchAsync(NamespacedName.Of(run), patch, null, cancellationToken));
    }

    /// <summary>An object has one controller at the most, and a run that a workflow made has one already.</summary>
    private static OwnerReference BesideOthers(CertificateRenewalRun run, OwnerReference policy)
        => run.Metadata.OwnerReferences?.Any(o => o.Controller == true) == true
            ? new OwnerReference { ApiVersion = policy.ApiVersion, Kind = policy.Kind, Name = policy.Name, Uid = policy.Uid }
            : policy;

    /// <param name="policy">The policy.</param>
    /// <param name="run">The run that somebody wants to go on.</param>
    /// <param name="request">What they ask.</param>
    /// <param name="refusal">Why not; null where it goes on.</param>
    public void Reopened(CertificateRenewalPolicy policy, CertificateRenewalRun run, RunRequest request, string? refusal)
    {
        var (reason, message) = refusal is null
            ? (request is RunRequest.Resume ? RunReasons.Resumed : RunReasons.Resolved, $"Run {run.Metadata.Name} goes on, {request.Origin}.")
            : (request is RunRequest.Resume ? RunReasons.ResumptionRefused : RunReasons.ResolutionRefused, $"Run {run.Metadata.Name} does not do what is {request.Origin}: {refusal}");
        Tell(policy, run, refusal is null ? EventType.Normal : EventType.Warning, reason, message);
    }

    /// <summary>Tells that what somebody asks of a run was seen, and what it waits for.</summary>
    public void ReopeningWaits(CertificateRenewalPolicy policy, CertificateRenewalRun run, RunRequest request, string obstacle)
        => Tell(
            policy,
            run,
            EventType.Normal,
            request is RunRequest.Resume ? RunReasons.ResumptionWaits : RunReasons.ResolutionWaits,
            $"What run {run.Metadata.Name} is {request.Origin} waits, and is done by itself when it can be. {obstacle}");

    /// <summary>Whoever asked looks at the run, whoever watches looks at the policy.</summary>
    private void Tell(CertificateRenewalPolicy policy, CertificateRenewalRun run, EventType type, string reason, string message)
    {
        LogStep(policy.Metadata.Name, message);
        events.Record(policy, type, reason, "Renew", message, run);
        events.Record(run, type, reason, "Renew", message, policy);
    }

    public void StepEnded(CertificateRenewalRun run, CertificateRenewalPolicy policy, StepName step, StepResult result, RunStatus status)
    {
        if (result.Warning is { } warning)
        {
            events.Record(policy, EventType.Warning, RunReasons.KeysNotKeptCurrent, step.ToString(), warning, run);
        }

        if (status.Log is [.., var last] && (run.Status?.Log is not [.., var before] || before != last))
        {
            LogStep(run.Spec.PolicyRef.Name, last.Message);
        }

        if (result is StepResult.Done && status.Steps?.FirstOrDefault(s => s.Name == step) is { StartedAt: { } started, FinishedAt: { } finished })
        {
            metrics.StepFinished(step, finished - started);
        }
    }

    /// <param name="run">The run.</param>
    /// <param name="work">What is known of it beyond its status.</param>
    /// <param name="policy">Null where the run names one that does not exist.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task FinishAsync(CertificateRenewalRun run, RunWork work, CertificateRenewalPolicy? policy, RunStatus status, CancellationToken cancellationToken)
    {
        await SaveAsync(run, work, status, cancellationToken);
        var succeeded = status.Phase == RunPhase.Succeeded;
        if (succeeded)
        {
            LogSucceeded(run.Spec.PolicyRef.Name, status.Message);
        }
        else
        {
            LogEnded(run.Spec.PolicyRef.Name, status.Phase, status.Reason, status.Message);
        }

        if (policy is not null)
        {
            metrics.RunFinished(
                run.Spec.Provider ?? ProviderChoice.PrimaryOf(policy.Spec),
                RunModes.Of(run, policy),
                run.Spec.Trigger ?? RunTrigger.Manual,
                status.Phase!.Value,
                status.StartedAt is { } started ? status.FinishedAt!.Value - started : TimeSpan.Zero);
        }

        var reason = RunModes.Of(run, policy) == RunMode.DryRun ? (succeeded ? PolicyReasons.DryRunPassed : PolicyReasons.DryRunFailed)
            : succeeded ? (PolicyRollback.TargetOf(run) is null ? PolicyReasons.Renewed : PolicyReasons.RolledBack) : status.Phase == RunPhase.NeedsManual ? PolicyReasons.NeedsManual : PolicyReasons.RenewalFailed;
        events.Record((IKubernetesObject?)policy ?? run, succeeded ? EventType.Normal : EventType.Warning, reason, "Renew", status.Message ?? "", policy is null ? null : run);
    }

    /// <summary>Tells of something outside that a run has made and that nobody will take away.</summary>
    public void LeftBehind(CertificateRenewalRun run, string text)
    {
        LogLeftBehind(run.Spec.PolicyRef.Name, text);
        events.Record(run, EventType.Warning, ChallengeReasons.ChallengeNotRemoved, "CleanUp", $"{text} Remove it by hand.");
    }

    [LoggerMessage(1, LogLevel.Information, "Policy {Policy}: {Text}")]
    private partial void LogStep(string policy, string text);

    [LoggerMessage(2, LogLevel.Information, "Policy {Policy}: run succeeded. {Text}")]
    private partial void LogSucceeded(string policy, string? text);

    [LoggerMessage(3, LogLevel.Warning, "Policy {Policy}: run ended {Phase}, {Reason}: {Text}")]
    private partial void LogEnded(string policy, RunPhase? phase, string? reason, string? text);

    [LoggerMessage(4, LogLevel.Warning, "Policy {Policy}: {Text} Remove it by hand.")]
    private partial void LogLeftBehind(string policy, string text);
}
