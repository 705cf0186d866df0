using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Issuance;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Runs;

/// <summary>Takes back what a run has made when its policy is gone: authorizations at the CA, the staged key, a Secret it has just created, itself.</summary>
public sealed partial class RunAbandonment(IKubernetesClient client, RenewalState state, SigningRequestSecrets requests, TargetSecretWriter target, TimeProvider timeProvider, ILogger<RunAbandonment> logger)
{
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(10);

    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    public async Task AbandonAsync(CertificateRenewalRun run, RunWork work, CancellationToken cancellationToken)
    {
        var @namespace = run.Metadata.Namespace!;
        var policyUid = Ownership.PolicyUid(run) ?? throw new InvalidOperationException($"Run {run.Metadata.Name} belongs to no policy.");
        if (!RunStateMachine.IsFinal(run.Status?.Phase))
        {
            await CancelOrderAsync(run, work, cancellationToken);
            foreach (var secret in SecretsOf(run))
            {
                await target.DeleteIfCreatedByAsync(@namespace, secret, run.Metadata.Name, policyUid, cancellationToken);
            }
        }

        if (run.Status?.Reason == RunReasons.AwaitsCertificate)
        {
            await requests.RemoveAsync(@namespace, run.Spec.PolicyRef.Name, cancellationToken);
        }

        await state.DeleteAsync(@namespace, run.Spec.PolicyRef.Name, policyUid, cancellationToken);
        await Deletion.TryDeleteAsync(_runs, run, cancellationToken);
    }

    private static string[] SecretsOf(CertificateRenewalRun run)
        => run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunSecret) is { Length: > 0 } secret ? [secret] : [];

    /// <summary>The CA forgets unfinished orders by itself; this only spares it the wait.</summary>
    private async Task CancelOrderAsync(CertificateRenewalRun run, RunWork work, CancellationToken cancellationToken)
    {
        if (work is not { Request: { } request, Provider: { } provider } || run.Status?.Order is not { Url.Length: > 0 } order)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(CancelTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await provider.CancelAsync(request, order, either.Token);
        }
        catch (IssuanceException e)
        {
            LogNotCancelled(run.Metadata.Name, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotCancelled(run.Metadata.Name, "the CA did not answer in time");
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The order of run {Run} could not be given up at the CA, which will let it expire: {Message}")]
    private partial void LogNotCancelled(string run, string message);
}
