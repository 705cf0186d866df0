using CertOperator.Crds.Runs;
using CertOperator.Operator.Challenges;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Challenges;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>The steps that prove control of the names: answers go in place, the CA looks, answers are taken away.</summary>
public sealed class ChallengeSteps(IssuanceSteps issuance, ChallengePresentation presentation, ChallengeCleanUp cleanUp, SigningRequestSecrets requests)
{
    /// <summary>Places the order once nothing of an earlier one, which the CA lost, is in place any more: its record would be forgotten.</summary>
    public async Task<StepResult> PlaceOrderAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Status.Order is { Url: null } lost && ChallengeCleanUp.HasWork(lost))
        {
            context.Work.Challenges = new ChallengeWork();
            return await RemoveAsync(context, StepName.PlaceOrder, cancellationToken) switch
            {
                StepResult.Done done => new StepResult.Pending(TimeSpan.Zero, done.Message) { Order = done.Order, PersistFirst = true },
                var obstacle => obstacle,
            };
        }

        return await issuance.PlaceOrderAsync(context, cancellationToken);
    }

    public async Task<StepResult> SolveAsync(RunContext context, CancellationToken cancellationToken)
        => !issuance.TraitsOf(context).ProvesControl ? new StepResult.Skipped("The provider asks for no proof of control.") : await presentation.AdvanceAsync(context, cancellationToken) ?? await issuance.SolveChallengesAsync(context, cancellationToken);

    public async Task<StepResult> CleanUpAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Status.Csr is not null)
        {
            await requests.RemoveAsync(context.Namespace, context.Policy.Metadata.Name, cancellationToken);
        }

        if (!ChallengeCleanUp.HasWork(context.Status.Order))
        {
            return new StepResult.Done("Challenges are no longer answered.") { Order = context.Status.Order is null ? null : context.Status.Order with { Challenges = null } };
        }

        var result = await RemoveAsync(context, StepName.CleanUp, cancellationToken);
        return result is StepResult.Done ? result with { Order = result.Order! with { Challenges = null } } : result;
    }

    private async Task<StepResult> RemoveAsync(RunContext context, StepName step, CancellationToken cancellationToken)
    {
        var result = await cleanUp.RemoveAsync(context.Run, context.Status.Order, context.Work.Challenges, cancellationToken);
        return result switch
        {
            { Obstacle: null } => new StepResult.Done("What was put in place for the challenges is taken away.") { Order = result.Order },
            { MayPass: true } when (context.Step(step).Attempts ?? 0) + 1 < ChallengeCleanUp.MaxTries
                => new StepResult.Transient(ChallengeReasons.ChallengeNotRemoved, result.Obstacle, null) { Order = result.Order },
            _ => new StepResult.NeedsManual(ChallengeReasons.ChallengeNotRemoved, $"{result.Obstacle} Remove it by hand.") { Order = result.Order },
        };
    }
}
