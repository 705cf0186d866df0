using CertOperator.Crds.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Probing;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>
/// Asks every endpoint which certificate it serves, again and again until all serve the new one or the time is up. A server that does
/// not is no reason to call the renewal failed: the Secret is written, and the policy's condition tells.
/// </summary>
public sealed class VerifyStep(TlsProber prober, TimeProvider timeProvider)
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public async Task<StepResult> ExecuteAsync(RunContext context, CancellationToken cancellationToken)
    {
        var verification = context.Resolved.Verification;
        if (verification.Endpoints.Count == 0)
        {
            return new StepResult.Skipped(context.Policy.Spec.Verify?.None == true ? "spec.verify.none is true." : "A wildcard names no host to ask. Name some in spec.verify.endpoints.");
        }

        var snapshot = await Task.WhenAll(verification.Endpoints.Select(e => ProbeAsync(context, e, cancellationToken)));
        var wrong = snapshot.FirstOrDefault(s => !s.Matches);
        if (wrong is null)
        {
            return new StepResult.Done($"{string.Join(", ", snapshot.Select(s => s.Endpoint))} serve{(snapshot.Length == 1 ? "s" : "")} the new certificate.") { Snapshot = snapshot };
        }

        var what = wrong.Reachable
            ? $"{wrong.Endpoint} serves certificate {wrong.Certificate?.Serial} of {wrong.Certificate?.Issuer}."
            : $"{wrong.Endpoint} could not be asked: {wrong.Message}";
        var deadline = (context.Step(StepName.Verify).StartedAt ?? context.Now) + verification.Timeout;
        return timeProvider.GetUtcNow() + Interval < deadline
            ? new StepResult.Pending(Interval, what) { Snapshot = snapshot }
            : new StepResult.Done($"Not verified within {verification.Timeout.TotalSeconds:0} s: {what}") { Snapshot = snapshot };
    }

    private async Task<EndpointSnapshot> ProbeAsync(RunContext context, string endpoint, CancellationToken cancellationToken)
    {
        var verification = context.Resolved.Verification;
        EndpointAddress.TryParse(endpoint, "spec.verify.endpoints", out var address, out _);
        var timeout = verification.Timeout < ProbeTimeout ? verification.Timeout : ProbeTimeout;
        var result = await prober.ProbeAsync(
            new ProbeTarget
            {
                Host = address!.Host,
                Port = address.Port,
                ConnectTo = verification.ConnectTo,
                CaBundlePem = verification.CaBundle,
                Timeout = timeout,
            },
            cancellationToken);
        return new EndpointSnapshot
        {
            Endpoint = endpoint,
            CheckedAt = timeProvider.GetUtcNow(),
            Reachable = result.Reachable,
            Matches = result.Leaf is not null && result.Leaf.Fingerprint == context.Status.Certificate?.Fingerprint,
            Certificate = result.Leaf is null ? null : CertificateSummaries.From(result.Leaf),
            ChainLength = result.Leaf is null ? null : result.ChainLength,
            Protocol = result.Protocol,
            Trusted = result.Leaf is null ? null : result.ChainTrusted,
            Message = result.Error ?? (result.TrustErrors.Count == 0 ? null : string.Join(" ", result.TrustErrors)),
        };
    }
}
