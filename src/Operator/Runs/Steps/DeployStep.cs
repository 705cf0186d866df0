using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Deployments;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Webhooks;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>
/// Brings a new pair into use: restarts workloads one after the other, each for a certificate once, puts the pair to targets at cloud
/// providers, then tells the webhooks. The Secret is written by then and stays, however this ends.
/// </summary>
public sealed class DeployStep(Workloads workloads, TargetUploads targets, WebhookSender webhooks, PolicyCredentials credentials, TimeProvider timeProvider)
{
    private static readonly TimeSpan FirstPolls = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public async Task<StepResult> ExecuteAsync(RunContext context, CancellationToken cancellationToken)
    {
        var deploy = context.Resolved.Deploy;
        if (deploy.IsNothing)
        {
            return new StepResult.Skipped("Workloads read the Secret by themselves.");
        }

        if (context.IsRestoration && !targets.AreDue(context))
        {
            return new StepResult.Skipped("The Secret holds the same pair as before: nothing is restarted.");
        }

        var progress = new DeployProgress(context.Status.Deploy);
        var certificate = context.Status.Certificate!;
        if (context.IsRestoration)
        {
            // Of a run that did not get this far with them.
            return (await targets.AdvanceAsync(context, progress, cancellationToken) ?? new StepResult.Done(progress.Summary) { PersistFirst = true }) with { Deploy = progress.ToStatus() };
        }

        foreach (var restart in deploy.Restarts.Where(r => progress.Of(r).FinishedAt is null))
        {
            if (await RestartAsync(context, restart, certificate.Fingerprint, progress, cancellationToken) is { } unfinished)
            {
                return unfinished with { Deploy = progress.ToStatus() };
            }
        }

        if (await targets.AdvanceAsync(context, progress, cancellationToken) is { } upload)
        {
            return upload with { Deploy = progress.ToStatus() };
        }

        var result = await TellAsync(context, deploy.Webhooks, certificate, progress, cancellationToken) ?? new StepResult.Done(progress.Summary) { PersistFirst = true };
        return result with { Deploy = progress.ToStatus() };
    }

    /// <returns>Null when the workload is rolled out.</returns>
    private async Task<StepResult?> RestartAsync(RunContext context, ResolvedRestart restart, string fingerprint, DeployProgress progress, CancellationToken cancellationToken)
    {
        var row = progress.Of(restart);
        var (subject, name) = ($"{restart.Kind} {restart.Name}", new NamespacedName(context.Namespace, restart.Name));
        var mark = WellKnown.RestartedForPrefix + Naming.Label(context.Policy.Metadata.Name);
        var verb = "get";
        WorkloadState? state;
        try
        {
            state = await workloads.FindAsync(restart.Kind, name, mark, cancellationToken);

            // Paused, it would be restarted at a time that nobody expects.
            if (state is not null && row.StartedAt is null && state.Mark != fingerprint && state.Rollout is not Rollout.Stuck { Reason: DeployReasons.WorkloadPaused })
            {
                verb = "patch";
                state = await workloads.RestartAsync(restart.Kind, name, mark, fingerprint, cancellationToken);
            }
        }
        catch (ForbiddenException e)
        {
            return Manual(restart, DeployReasons.WorkloadForbidden, $"{subject}: the operator may not {verb} {Workloads.ResourceOf(restart.Kind)} in namespace {context.Namespace}. Grant its service account the verbs get and patch on them. {e.Message}", progress);
        }
        catch (NotFoundException)
        {
            // Deleted between the look and the patch.
            state = null;
        }

        var now = timeProvider.GetUtcNow();
        var started = row.StartedAt ?? now;
        switch (state?.Rollout)
        {
            case null:
                return Manual(restart, DeployReasons.WorkloadNotFound, $"{subject} does not exist in namespace {context.Namespace}. Create it, or remove it from spec.deploy.restarts.", progress);

            case Rollout.Complete complete:
                progress.Set(row with { StartedAt = started, FinishedAt = now, Message = complete.Message });
                return null;

            case Rollout.Stuck stuck:
                return Manual(restart, stuck.Reason, $"{subject} {Sentences.Of(stuck.Message)}", progress);

            case Rollout.InProgress late when now - started >= restart.Timeout:
                return Manual(restart, DeployReasons.RolloutTimedOut, $"{subject} {late.Message}, {restart.Timeout.TotalSeconds:0} s after its restart. Look at its pods, or give it more time with spec.deploy.restarts.timeoutSeconds.", progress);

            case Rollout.InProgress waiting:
                progress.Set(row with { StartedAt = started, Message = waiting.Message });
                return new StepResult.Pending(now - started < FirstPolls ? ShortInterval : Interval, $"{subject} {waiting.Message}.");

            default:
                throw new InvalidOperationException($"Unknown rollout {state.Rollout.GetType().Name}.");
        }
    }

    /// <returns>Null when every server has been told.</returns>
    private async Task<StepResult?> TellAsync(RunContext context, IReadOnlyList<ResolvedWebhook> targets, CertificateSummary certificate, DeployProgress progress, CancellationToken cancellationToken)
    {
        // All at once: one that does not answer must not keep the news from the others.
        var told = await Task.WhenAll(targets
            .Where(w => !progress.IsDelivered(DeployNotice.IdOf(context.Run.Metadata.Uid!, w.Url)))
            .Select(w => TellAsync(context, w, certificate, cancellationToken)));
        var now = timeProvider.GetUtcNow();
        foreach (var (row, outcome) in told)
        {
            progress.Set(outcome switch
            {
                WebhookOutcome.Delivered => row with { DeliveredAt = now },
                WebhookOutcome.Refused refused => row with { Message = refused.Message },
                _ => row with { Message = ((WebhookOutcome.Retry)outcome).Message },
            });
        }

        var outcomes = told.Select(t => t.Outcome).ToList();
        if (outcomes.OfType<WebhookOutcome.Refused>().ToList() is { Count: > 0 } refusals)
        {
            return new StepResult.NeedsManual(DeployReasons.WebhookRefused, $"{string.Join(" ", refusals.Select(r => r.Message))} The Secret holds the new certificate.");
        }

        return outcomes.OfType<WebhookOutcome.Retry>().ToList() is { Count: > 0 } retries
            ? new StepResult.Transient(DeployReasons.WebhookUnreachable, string.Join(" ", retries.Select(r => r.Message)), retries.Max(r => r.RetryAfter))
            : null;
    }

    private async Task<(WebhookDelivery Row, WebhookOutcome Outcome)> TellAsync(RunContext context, ResolvedWebhook webhook, CertificateSummary certificate, CancellationToken cancellationToken)
    {
        var message = DeployNotice.MessageFor(context, certificate, webhook.Url);
        var row = new WebhookDelivery { Id = message.Delivery, Host = webhook.Url.Host };
        try
        {
            var key = await credentials.SigningKeyAsync(context.Namespace, webhook, cancellationToken);
            return (row, await webhooks.SendAsync(new WebhookTarget(webhook.Url, key, webhook.CaBundle), message, cancellationToken));
        }
        catch (CredentialException e)
        {
            return (row, new WebhookOutcome.Refused(e.Message));
        }
    }

    /// <summary>The time starts anew when the run is taken up again.</summary>
    private static StepResult.NeedsManual Manual(ResolvedRestart restart, string reason, string message, DeployProgress progress)
    {
        progress.Set(progress.Of(restart) with { StartedAt = null, Message = message });
        return new StepResult.NeedsManual(reason, $"{message} The Secret holds the new certificate.");
    }
}
