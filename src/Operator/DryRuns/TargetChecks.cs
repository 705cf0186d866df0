using CertOperator.Crds.Runs;
using CertOperator.Operator.Deployments;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.DryRuns;

/// <summary>Whether targets at cloud providers would take a pair. Puts none there.</summary>
public sealed class TargetChecks(DeployTargets targets, TargetUploads uploads)
{
    public async Task<IReadOnlyList<RunCheck>> MakeAsync(RunContext context, CancellationToken cancellationToken)
        => [.. (await Task.WhenAll(context.Resolved.Deploy.Targets.Select(t => MakeAsync(context, t, cancellationToken)))).SelectMany(rows => rows)];

    private async Task<IReadOnlyList<RunCheck>> MakeAsync(RunContext context, ResolvedDeployTarget target, CancellationToken cancellationToken)
    {
        IReadOnlyList<ProviderCheck> answers = [];
        var failure = await Checks.MakeAsync(StepName.Deploy, CheckNames.Target, target.Id, async () =>
        {
            var place = await targets.OpenAsync(context.Namespace, target, cancellationToken);
            answers = await place.CheckAsync(target.RemoteId ?? uploads.RemoteIdOf(context, target), cancellationToken);
            return CheckOutcome.Skipped("");
        });
        return answers.Count == 0 ? [failure] : [.. answers.Select(a => Checks.Row(StepName.Deploy, CheckNames.Target, $"{target.Id}: {a.Subject}", a.Passed switch
        {
            true => CheckOutcome.Passed(a.Evidence),
            false => CheckOutcome.Failed(a.Evidence),
            null => CheckOutcome.Skipped(a.Evidence),
        }))];
    }
}
