using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges;

/// <summary>
/// Has the answers to an order's challenges in place before the CA is asked to look: says in the run's status what will be put where,
/// puts it there, and waits until it is seen. Challenges without a solver the operator answers by itself.
/// </summary>
public sealed class ChallengePresentation(ChallengeSolvers solvers, RunHold hold, TimeProvider timeProvider)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(5);

    /// <returns>Null when the CA may be asked; else how far it is.</returns>
    /// <exception cref="IssuanceException">A solver failed.</exception>
    public async Task<StepResult?> AdvanceAsync(RunContext context, CancellationToken cancellationToken)
    {
        var work = context.Work.Challenges;
        var challenges = (context.Status.Order?.Challenges ?? []).Where(c => c.Presented is not null || context.Resolved.Solvers.ContainsKey(c.Hostname)).ToList();
        if (challenges.Count == 0 || work.Visible)
        {
            return null;
        }

        try
        {
            if (challenges.Any(c => c.Presented is null))
            {
                return await LocateAsync(context, cancellationToken);
            }

            if (!RunHold.IsHeld(context.Run))
            {
                await hold.HoldAsync(context.Run, cancellationToken);
                return new StepResult.Pending(TimeSpan.Zero, "The answers to the challenges are about to be put in place.");
            }

            await PresentAsync(context, challenges, cancellationToken);
            return await LookAsync(context, challenges, cancellationToken);
        }
        catch (IssuanceException)
        {
            work.ForgetSolvers();
            throw;
        }
    }

    /// <summary>Nothing is put anywhere before the status says so: otherwise a crash would leave something that nobody knows of.</summary>
    private async Task<StepResult> LocateAsync(RunContext context, CancellationToken cancellationToken)
    {
        var order = context.Status.Order!;
        var located = new List<RunChallenge>();
        foreach (var challenge in order.Challenges!)
        {
            var presented = challenge.Presented is null && context.Resolved.Solvers.TryGetValue(challenge.Hostname, out var spec)
                ? await (await SolverAsync(context, spec.Name, cancellationToken)).LocateAsync(challenge, cancellationToken)
                : challenge.Presented;
            located.Add(challenge with { Presented = presented });
        }

        return new StepResult.Pending(TimeSpan.Zero, "It is known where the answers to the challenges go.") { Order = order with { Challenges = located }, PersistFirst = true };
    }

    private async Task PresentAsync(RunContext context, List<RunChallenge> challenges, CancellationToken cancellationToken)
    {
        var work = context.Work.Challenges;
        foreach (var challenge in challenges.Where(c => !work.Receipts.ContainsKey(c.Url)))
        {
            var solver = await SolverAsync(context, challenge.Presented!.Solver, cancellationToken);
            work.Receipts[challenge.Url] = await solver.PresentAsync(challenge, cancellationToken);
            work.PresentedAt = timeProvider.GetUtcNow();
        }
    }

    private async Task<StepResult?> LookAsync(RunContext context, List<RunChallenge> challenges, CancellationToken cancellationToken)
    {
        var work = context.Work.Challenges;
        foreach (var challenge in challenges)
        {
            var solver = await SolverAsync(context, challenge.Presented!.Solver, cancellationToken);
            if (await solver.FindObstacleAsync(challenge, work.Receipts[challenge.Url], cancellationToken) is not { } obstacle)
            {
                continue;
            }

            if (timeProvider.GetUtcNow() - work.PresentedAt > solver.Patience)
            {
                return new StepResult.Failed(
                    ChallengeReasons.NotPropagated,
                    $"{obstacle} That was waited for {solver.Patience.TotalSeconds:0} s, and the CA was not asked. Mend that server, or give solver {challenge.Presented.Solver} more time.",
                    null);
            }

            var wait = TimeSpan.FromTicks(Math.Min(FirstLook.Ticks << Math.Min(work.Polls++, 10), LongestGap.Ticks));
            return new StepResult.Pending(wait, obstacle);
        }

        work.Visible = true;
        return null;
    }

    private Task<IChallengeSolver> SolverAsync(RunContext context, string name, CancellationToken cancellationToken)
        => solvers.GetAsync(context.Namespace, name, context.Work.Challenges, cancellationToken);
}
