using CertOperator.Kubernetes;
using CertOperator.Operator.Deployments;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.DryRuns;

/// <summary>Whether workloads could be restarted.</summary>
public sealed class WorkloadChecks(Workloads workloads, AccessReviews access)
{
    public async Task<CheckOutcome> CheckAsync(RunContext context, ResolvedRestart restart, CancellationToken cancellationToken)
    {
        var resource = Workloads.ResourceOf(restart.Kind).Split('.', 2);
        if (await access.MissingAsync(context.Namespace, resource[1], resource[0], restart.Name, ["get", "patch"], cancellationToken) is { Count: > 0 } missing)
        {
            return CheckOutcome.Failed($"The operator may not {string.Join(", ", missing)} {Workloads.ResourceOf(restart.Kind)} in namespace {context.Namespace}. Grant its service account the verbs get and patch on them.");
        }

        var state = await workloads.FindAsync(restart.Kind, new NamespacedName(context.Namespace, restart.Name), "", cancellationToken);
        return state?.Rollout switch
        {
            null => CheckOutcome.Failed($"It does not exist in namespace {context.Namespace}. Create it, or remove it from spec.deploy.restarts."),
            Rollout.Stuck stuck => CheckOutcome.Failed($"{restart.Kind} {restart.Name} {Sentences.Of(stuck.Message)}"),
            Rollout.InProgress busy => CheckOutcome.Warning($"It {busy.Message} already. A live run would restart it all the same."),
            _ => CheckOutcome.Passed("It is rolled out, and the operator may restart it."),
        };
    }
}
