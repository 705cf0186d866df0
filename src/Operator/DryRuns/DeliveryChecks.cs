using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Probing;
using CertOperator.Operator.Runs;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Probing;

namespace CertOperator.Operator.DryRuns;

/// <summary>Whether workloads could be restarted, targets reached, webhooks told and endpoints asked. Changes and sends nothing.</summary>
public sealed class DeliveryChecks(WorkloadChecks workloads, TargetChecks targets, EndpointProber endpoints, TlsProber prober, EgressDialer dialer, TimeProvider timeProvider)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<RunCheck>> MakeDeployAsync(RunContext context, CancellationToken cancellationToken)
        => [.. await MakeInClusterAsync(context, cancellationToken), .. await targets.MakeAsync(context, cancellationToken)];

    private async Task<IReadOnlyList<RunCheck>> MakeInClusterAsync(RunContext context, CancellationToken cancellationToken)
        => await Task.WhenAll(
        [
            .. context.Resolved.Deploy.Restarts.Select(r => Checks.MakeAsync(StepName.Deploy, CheckNames.Workload, $"{r.Kind} {r.Name}", () => workloads.CheckAsync(context, r, cancellationToken))),
            .. context.Resolved.Deploy.Webhooks.Select(w => Checks.MakeAsync(StepName.Deploy, CheckNames.Webhook, $"{w.Url.Host} ({w.Field})", () => WebhookAsync(w, cancellationToken))),
        ]);

    public async Task<IReadOnlyList<RunCheck>> MakeVerifyAsync(RunContext context, CancellationToken cancellationToken)
        => [.. (await endpoints.AskAsync(context.Resolved.Verification, context.Policy.Status?.Fingerprint, cancellationToken))
            .Select(s => Checks.Row(StepName.Verify, CheckNames.Endpoint, s.Endpoint, Judge(s, context.Resolved.Verification.Required)))];

    /// <summary>A connection shows most of what can be wrong; a request would have an effect.</summary>
    private async Task<CheckOutcome> WebhookAsync(ResolvedWebhook webhook, CancellationToken cancellationToken)
    {
        var url = webhook.Url;
        if (url.Scheme == Uri.UriSchemeHttps)
        {
            var seen = await prober.ProbeAsync(new ProbeTarget { Host = url.DnsSafeHost, Port = url.Port, CaBundlePem = webhook.CaBundle, Timeout = Patience }, cancellationToken);
            return seen.Error is { } error ? CheckOutcome.Failed(error)
                : seen.ChainTrusted ? CheckOutcome.Passed("It is reachable and its certificate is trusted; nothing was sent.")
                : CheckOutcome.Failed($"Its certificate is not trusted. {Sentences.Join(seen.TrustErrors)}");
        }

        using var timeout = new CancellationTokenSource(Patience, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await using var connection = await dialer.DialAsync(url.DnsSafeHost, url.Port, either.Token);
            return CheckOutcome.Passed("It is reachable; nothing was sent.");
        }
        catch (EgressConnectException e)
        {
            return CheckOutcome.Failed(e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return CheckOutcome.Failed($"It did not take a connection within {Patience.TotalSeconds:0} s.");
        }
    }

    /// <summary>What is served today is no fault of a renewal to come, but what cannot be asked could not be verified then either.</summary>
    private static CheckOutcome Judge(EndpointSnapshot seen, bool required)
        => seen is { Reachable: true, Certificate: { } leaf } ? CheckOutcome.Passed($"It serves certificate {leaf.Serial} of {leaf.Issuer}, valid until {leaf.NotAfter:yyyy-MM-dd HH:mm} UTC.")
            : required ? CheckOutcome.Failed($"{seen.Message} spec.verify.required is true, so a live run would need a person in the end.")
            : CheckOutcome.Warning($"{seen.Message} A live run could not verify what is served.");
}
