using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Runs;

/// <summary>What keeps a run from doing what a person asks of it. Pure.</summary>
public static class ReopeningObstacles
{
    /// <summary>The annotation is the request: as long as it says the same, nothing new is asked.</summary>
    public const string AskAnew = $"When that is mended, ask anew: remove annotation {WellKnown.ResolveWithSecret} and set it again, or name another Secret.";

    /// <summary>What passes, and must not use the request up; null where nothing of the kind is in the way.</summary>
    /// <param name="run">The run.</param>
    /// <param name="policyProblem">What is wrong with its policy; null where it can work.</param>
    /// <param name="others">The other runs of the policy.</param>
    public static string? Passing(CertificateRenewalRun run, string? policyProblem, IReadOnlyList<CertificateRenewalRun> others)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (RunModes.IsDry(run) || run.Status?.Phase == RunPhase.Succeeded)
        {
            return null;
        }

        if (policyProblem is not null)
        {
            return $"The policy cannot be carried out. {policyProblem}";
        }

        return RunStateMachine.IsFinal(run.Status?.Phase) && others.FirstOrDefault(r => !RunStateMachine.IsFinal(r.Status?.Phase)) is { } active
            ? $"Run {active.Metadata.Name} of the same policy is in progress. To have a pair taken over at once, set {WellKnown.ResolveWithSecret} on that run, or on policy {run.Spec.PolicyRef.Name}."
            : null;
    }

    /// <summary>What does not pass; null where nothing is in the way.</summary>
    /// <param name="run">The run as it is stored.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="others">The other runs of the policy.</param>
    public static string? Lasting(CertificateRenewalRun run, RunRequest request, CertificateRenewalPolicy policy, IReadOnlyList<CertificateRenewalRun> others)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(policy);
        var instead = request is RunRequest.Resolve ? $" To have the pair taken over all the same, annotate the policy: kubectl annotate crp {policy.Metadata.Name} {WellKnown.ResolveWithSecret}={request.Value} --overwrite" : "";
        if (RunModes.IsDry(run))
        {
            return request is RunRequest.Resolve
                ? $"It is a dry run, which stores nothing.{instead}"
                : $"It is a dry run, which ends with its report. Ask for another one: annotate policy {policy.Metadata.Name} with {WellKnown.RenewRequestedAt} and {WellKnown.RenewMode}: {RunMode.DryRun}.";
        }

        if (run.Status is { Phase: RunPhase.Running } status && RunStateMachine.NextStep(status) is { } step && step > StepName.StoreSecret)
        {
            return $"It has stored its certificate and is at step {step}.{instead}";
        }

        if (run.Status?.Phase == RunPhase.Succeeded)
        {
            return $"It has succeeded, and is done.{instead}";
        }

        return others.FirstOrDefault(r => r.Status is { Phase: RunPhase.Succeeded, FinishedAt: { } finished } && finished > run.Status?.FinishedAt) is { } later
            ? $"Run {later.Metadata.Name} has succeeded since; there is nothing left to do here.{instead}"
            : null;
    }
}
