using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>Finds what would stop the run later, before anything is made anywhere.</summary>
public sealed class PreflightStep(IssuanceSteps issuance, IssuerCredentials credentials, TargetSecretWriter target, ObjectStore<CertificateRenewalPolicy> policies)
{
    public async Task<StepResult> ExecuteAsync(RunContext context, CancellationToken cancellationToken)
    {
        var problem = await credentials.FindProblemAsync(context.Namespace, context.Resolved, webhooks: context.Policy.Status?.NotAfter is null, cancellationToken)
            ?? (MadeByPolicy(context) ? null : await SecretProblemAsync(context, cancellationToken));
        return problem is null
            ? await issuance.PrepareAsync(context, cancellationToken)
            : new StepResult.Failed(problem.Reason, problem.Message, null);
    }

    /// <summary>Then the Secret was looked at a moment ago, when it was decided to make the run.</summary>
    private static bool MadeByPolicy(RunContext context) => context.Run.Metadata.Annotations?.ContainsKey(WellKnown.RunReason) == true;

    private async Task<PolicyProblem?> SecretProblemAsync(RunContext context, CancellationToken cancellationToken)
    {
        var name = context.Resolved.SecretName;
        if (SecretWriters.Older(policies, context.Policy) is { } writer)
        {
            return SecretWriters.Conflict(name, writer);
        }

        var secret = await target.FindAsync(context.Namespace, name, cancellationToken);
        var finding = TargetSecretInspector.Inspect(secret, context.Policy, context.Resolved, p => policies.Get(new NamespacedName(context.Namespace, p)) is not null);
        return finding is SecretFinding.Untouchable untouchable ? new PolicyProblem(untouchable.Reason, untouchable.Message) : null;
    }
}
