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
            if (!work.Located && await LocateAsync(context, cancellationToken) is { } located)
            {
                return located;
            }

            work.Located = true;
            if (challenges.Any(c => ChallengeCleanUp.IsTakenAway(c.Presented)) && !RunHold.IsHeld(context.Run))
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
    /// <returns>Null when the status says everything.</returns>
    private async Task<StepResult?> LocateAsync(RunContext context, CancellationToken cancellationToken)
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

        return located.SequenceEqual(order.Challenges)
            ? null
            : new StepResult.Pending(TimeSpan.Zero, "It is known where the answers to the challenges go.") { Order = order with { Challenges = located }, PersistFirst = true };
    }

    private async Task PresentAsync(RunContext context, List<RunChallenge> challenges, CancellationToken cancellationToken)
    {
        var work = context.Work.Challenges;
        foreach (var challenge in challenges.Where(c => !work.Receipts.ContainsKey(c.Url)))
        {
            var solver = await SolverAsync(context, SolverOf(context, challenge), cancellationToken);
            work.Receipts[challenge.Url] = await solver.PresentAsync(challenge, cancellationToken);
            work.PresentedAt = timeProvider.GetUtcNow();
        }
    }

    private async Task<StepResult?> LookAsync(RunContext context, List<RunChallenge> challenges, CancellationToken cancellationToken)
    {
        var work = context.Work.Challenges;
        foreach (var challenge in challenges)
        {
            var name = SolverOf(context, challenge);
            var solver = await SolverAsync(context, name, cancellationToken);
            if (await solver.FindObstacleAsync(challenge, work.Receipts[challenge.Url], cancellationToken) is not { } obstacle)
            {
                continue;
            }

            if (timeProvider.GetUtcNow() - work.PresentedAt <= solver.Patience)
            {
                var wait = TimeSpan.FromTicks(Math.Min(FirstLook.Ticks << Math.Min(work.Polls++, 10), LongestGap.Ticks));
                return new StepResult.Pending(wait, obstacle.Message);
            }

            var waited = $"{obstacle.Message} That was waited for {solver.Patience.TotalSeconds:0} s, and the CA";
            if (!obstacle.Unseen)
            {
                return new StepResult.Failed(obstacle.Reason, $"{waited} was not asked. Mend that server, or give solver {name} more time.", null);
            }

            // To look at a hundred names that cannot be reached takes longer than any CA waits.
            work.Visible = true;
            return new StepResult.Pending(TimeSpan.Zero, "The CA is asked without a look.") { Note = $"{waited}, which may see more, is asked all the same." };
        }

        work.Visible = true;
        return null;
    }

    private static string SolverOf(RunContext context, RunChallenge challenge) => challenge.Presented?.Solver ?? context.Resolved.Solvers[challenge.Hostname].Name;

    private Task<IChallengeSolver> SolverAsync(RunContext context, string name, CancellationToken cancellationToken)
        => solvers.GetAsync(ChallengeOwner.Of(context.Run), name, context.Work.Challenges, cancellationToken);
}
