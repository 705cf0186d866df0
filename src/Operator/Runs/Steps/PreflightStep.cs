using CertOperator.Crds;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>Finds what would stop the run later, before anything is made anywhere.</summary>
public sealed class PreflightStep(IssuanceSteps issuance, PolicyCredentials credentials, TargetSecrets secrets)
{
    public async Task<StepResult> ExecuteAsync(RunContext context, CancellationToken cancellationToken)
    {
        var problem = await credentials.FindProblemAsync(context.Namespace, context.Resolved, deploys: context.Policy.Status?.NotAfter is null, cancellationToken)
            ?? (MadeByPolicy(context) ? null : await SecretProblemAsync(context, cancellationToken));
        return problem is null
            ? await issuance.PrepareAsync(context, cancellationToken)
            : new StepResult.Failed(problem.Reason, problem.Message, null);
    }

    /// <summary>Then the Secret was looked at a moment ago, when it was decided to make the run.</summary>
    private static bool MadeByPolicy(RunContext context) => context.Run.Metadata.Annotations?.ContainsKey(WellKnown.RunReason) == true;

    private async Task<PolicyProblem?> SecretProblemAsync(RunContext context, CancellationToken cancellationToken)
        => await secrets.InspectAsync(context.Policy, context.Resolved, cancellationToken) is SecretFinding.Untouchable untouchable
            ? new PolicyProblem(untouchable.Reason, untouchable.Message)
            : null;
}
