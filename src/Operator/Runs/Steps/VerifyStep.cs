using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Probing;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>
/// Asks every endpoint which certificate it serves, again and again until all serve the new one or the time is up. A server that does
/// not is no reason to call the renewal failed, since the Secret is written: the policy's condition tells, and a person is needed only
/// where the policy says so.
/// </summary>
public sealed class VerifyStep(EndpointProber prober, TimeProvider timeProvider)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public async Task<StepResult> ExecuteAsync(RunContext context, CancellationToken cancellationToken)
    {
        var verification = context.Resolved.Verification;
        if (verification.Endpoints.Count == 0)
        {
            return new StepResult.Skipped(context.Policy.Spec.Verify?.None == true ? "spec.verify.none is true." : "A wildcard names no host to ask. Name some in spec.verify.endpoints.");
        }

        var snapshot = await prober.AskAsync(verification, context.Status.Certificate?.Fingerprint, cancellationToken);
        if (snapshot.All(s => s.Matches))
        {
            return new StepResult.Done($"{string.Join(", ", snapshot.Select(s => s.Endpoint))} serve{(snapshot.Count == 1 ? "s" : "")} the new certificate.") { Snapshot = snapshot };
        }

        var what = ServedFindings.Describe(snapshot);
        var deadline = (context.Step(StepName.Verify).StartedAt ?? context.Now) + verification.Timeout;
        if (timeProvider.GetUtcNow() + Interval < deadline)
        {
            return new StepResult.Pending(Interval, what) { Snapshot = snapshot };
        }

        what = $"Not verified within {verification.Timeout.TotalSeconds:0} s: {what}";
        return verification.Required
            ? new StepResult.NeedsManual(
                RunReasons.NotVerified,
                $"{what} Secret {context.Resolved.SecretName} holds the new certificate {context.Status.Certificate?.Serial}. {ServedFindings.Advise(snapshot).Advice} Then annotate this run with {WellKnown.ResumeRequestedAt} to have it verified again.")
            {
                Snapshot = snapshot,
            }
            : new StepResult.Done(what) { Snapshot = snapshot };
    }
}
