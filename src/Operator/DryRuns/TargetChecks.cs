using CertOperator.Crds.Runs;
using CertOperator.Operator.Deployments;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Providers.Deployments;

namespace CertOperator.Operator.DryRuns;

/// <summary>Whether targets at cloud providers would take a pair. Puts none there.</summary>
public sealed class TargetChecks(DeployTargets targets, TargetUploads uploads)
{
    public async Task<IReadOnlyList<RunCheck>> MakeAsync(RunContext context, CancellationToken cancellationToken)
        => [.. (await Task.WhenAll(context.Resolved.Deploy.Targets.Select(t => MakeAsync(context, t, cancellationToken)))).SelectMany(rows => rows)];

    private Task<IReadOnlyList<RunCheck>> MakeAsync(RunContext context, ResolvedDeployTarget target, CancellationToken cancellationToken)
        => Checks.AskAsync(
            StepName.Deploy,
            CheckNames.Target,
            target.Id,
            async () =>
            {
                var place = await targets.OpenAsync(context.Namespace, target, cancellationToken);
                return await place.CheckAsync(target.RemoteId ?? uploads.RemoteIdOf(context, target), new TargetKey(context.Resolved.KeyKind, context.Resolved.KeySize), cancellationToken);
            },
            (answer, outcome) => Checks.Row(StepName.Deploy, CheckNames.Target, $"{target.Id}: {answer.Subject}", outcome));
}
