using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.DryRuns;

/// <summary>
/// The steps of a dry run: those of a live one up to the issuance, each of which looks instead of acting. A check that fails ends nothing,
/// so that the report holds all there is to mend.
/// </summary>
public sealed class DryRunSteps(AuthorityChecks authority, NameChecks names, ScheduleChecks schedule, StorageChecks storage, Rehearsal rehearsal, DeliveryChecks delivery)
{
    public async Task<StepResult> ExecuteAsync(StepName step, RunContext context, CancellationToken cancellationToken)
        => step switch
        {
            StepName.Preflight => await PreflightAsync(context, cancellationToken),
            StepName.PrepareKey => Done(await storage.MakeKeyAsync(context, cancellationToken)),
            StepName.PlaceOrder => await rehearsal.PlaceOrderAsync(context, cancellationToken),
            StepName.SolveChallenges => await rehearsal.SolveAsync(context, cancellationToken),
            StepName.Finalize => new StepResult.Skipped("A dry run ends before the issuance."),
            StepName.StoreSecret => Done(await storage.MakeAsync(context, cancellationToken)),
            StepName.Deploy => context.Resolved.Deploy.IsNothing ? new StepResult.Skipped("Workloads read the Secret by themselves.") : Done(await delivery.MakeDeployAsync(context, cancellationToken)),
            StepName.Verify => context.Resolved.Verification.Endpoints.Count == 0 ? new StepResult.Skipped("There is no endpoint to ask.") : Done(await delivery.MakeVerifyAsync(context, cancellationToken)),
            StepName.CleanUp => await rehearsal.CleanUpAsync(context, cancellationToken),
            _ => throw new InvalidOperationException($"Unknown step {step}."),
        };

    private async Task<StepResult> PreflightAsync(RunContext context, CancellationToken cancellationToken)
    {
        var (rows, description) = await authority.MakeAsync(context, cancellationToken);
        return Done([.. rows, .. await names.MakeAsync(context, description, cancellationToken), .. schedule.Make(context, context.Now)]);
    }

    private static StepResult.Done Done(IReadOnlyList<RunCheck> rows)
        => new(rows.FirstOrDefault(r => r.Result == CheckResult.Failed) is { } failed ? RunReport.Sentence(failed) : $"{rows.Count} check{(rows.Count == 1 ? "" : "s")} made, none failed.") { Report = rows };
}
