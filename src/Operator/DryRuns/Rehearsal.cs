using CertOperator.Crds.Runs;
using CertOperator.Operator.Challenges;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Runs.Steps;
using CertOperator.Providers.Acme;
using CertOperator.Providers.Http01;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.DryRuns;

/// <summary>
/// Proves control of the names without having anything issued: by a whole order at the CA's staging endpoint up to the issuance, or,
/// where the CA has none, by an answer of the operator's own at the place where the CA would look for one.
/// </summary>
public sealed class Rehearsal(ChallengeSteps challenges, ChallengePresentation presentation, AcmeCertificateProvider provider, StagingAccounts accounts, Http01SelfCheck selfCheck, TimeProvider timeProvider)
{
    /// <summary>Somebody waits for the report.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task<StepResult> PlaceOrderAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Resolved.Issuer is not ResolvedAcmeIssuer issuer)
        {
            return new StepResult.Skipped("A dry run asks this provider for nothing that has an effect.");
        }

        if (issuer.StagingServer is not { } staging)
        {
            return await ImagineAsync(context, issuer.Server.Host, $"{issuer.Server.Host} has no staging endpoint that is known, so no order was placed. Name one in {issuer.Field}.stagingServer for a walk through all of it.", cancellationToken);
        }

        var restarted = context.Status.Order?.Url is not null && context.Work.Request is null;
        context.Work.Request = RequestFor(context, staging);
        context.Work.NoOrderCanExist = true;
        if (restarted)
        {
            return PlaceAnother();
        }

        var closed = false;
        var result = await TryAsync(context, StepName.PlaceOrder, CheckNames.Order, staging.Host, async () =>
        {
            try
            {
                closed = (await provider.DescribeAsync(staging, issuer.CaBundle, cancellationToken)).ExternalAccountRequired;
                return closed ? new StepResult.Skipped("") : await OrderAsync(context, staging, cancellationToken);
            }
            catch (IssuanceException e) when (e.Reason == IssuanceReasons.ExternalAccountRequired)
            {
                closed = true;
                return new StepResult.Skipped("");
            }
        });
        return closed
            ? await ImagineAsync(context, staging.Host, $"staging endpoint {staging} registers only accounts that it gave a key to before, and that of a dry run is thrown away, so no order was placed there. A live run does not need it.", cancellationToken)
            : result;
    }

    public async Task<StepResult> SolveAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Resolved.Issuer is not ResolvedAcmeIssuer)
        {
            return new StepResult.Skipped("What is to be proven, the provider says only once it is asked for a certificate.");
        }

        var subject = string.Join(", ", context.Resolved.Names);
        var imagined = ImaginedOrders.Is(context.Status.Order);
        if (!imagined && context.Status.Order?.Url is null)
        {
            return Done("No order could be placed.", StepName.SolveChallenges, CheckNames.Challenge, subject, CheckOutcome.Skipped("There is no order to prove control for."));
        }

        if (timeProvider.GetUtcNow() - (context.Step(StepName.SolveChallenges).StartedAt ?? context.Now) > Patience)
        {
            var last = context.Step(StepName.SolveChallenges).Message;
            return Done("The challenges were not solved in time.", StepName.SolveChallenges, CheckNames.Challenge, subject, CheckOutcome.Failed($"Not done within {Patience.TotalMinutes:0} min: {last}"));
        }

        if (imagined)
        {
            return await SimulateAsync(context, cancellationToken);
        }

        if (context.Work.Request is null)
        {
            return PlaceAnother();
        }

        return await TryAsync(context, StepName.SolveChallenges, CheckNames.Challenge, subject, () => challenges.SolveAsync(context, cancellationToken));
    }

    public async Task<StepResult> CleanUpAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Work.Request is { } request && context.Status.Order is { Url: not null } order)
        {
            try
            {
                await provider.CancelAsync(request, order, cancellationToken);
            }
            catch (IssuanceException)
            {
                // The CA forgets unfinished orders by itself.
            }
        }

        return context.Status.Order is null
            ? new StepResult.Done("Nothing was put in place.")
            : await TryAsync(context, StepName.CleanUp, CheckNames.CleanUp, null, () => challenges.CleanUpAsync(context, cancellationToken));
    }

    /// <summary>An account of an earlier dry run that the endpoint has forgotten is registered again, as a live run would.</summary>
    private async Task<StepResult> OrderAsync(RunContext context, Uri staging, CancellationToken cancellationToken)
    {
        StepResult result;
        try
        {
            result = await challenges.PlaceOrderAsync(context, cancellationToken);
        }
        catch (IssuanceException e) when (e is { Failure: IssuanceFailure.Transient, Reason: IssuanceReasons.AccountRefused })
        {
            result = await challenges.PlaceOrderAsync(context, cancellationToken);
        }

        return result is StepResult.Done done ? done with { Message = $"An order was placed at {staging}, whose certificates nobody trusts." } : result;
    }

    /// <summary>Rehearses the challenges without an order. What an interrupted try has put somewhere is taken away first.</summary>
    private async Task<StepResult> ImagineAsync(RunContext context, string subject, string why, CancellationToken cancellationToken)
    {
        if (ChallengeCleanUp.HasWork(context.Status.Order))
        {
            return await TryAsync(context, StepName.PlaceOrder, CheckNames.Order, subject, () => challenges.PlaceOrderAsync(context, cancellationToken));
        }

        context.Work.Request = null;
        return Done("The challenges are rehearsed without an order.", StepName.PlaceOrder, CheckNames.Order, subject, CheckOutcome.Skipped($"Simulated: {why}")) with { Order = ImaginedOrders.Make(context), PersistFirst = true };
    }

    /// <summary>Answers of solvers go where they belong, and all of them are looked for where a CA would.</summary>
    private async Task<StepResult> SimulateAsync(RunContext context, CancellationToken cancellationToken)
    {
        var challenges = context.Status.Order?.Challenges ?? [];
        var plain = challenges.Where(c => c.Presented is null && !context.Resolved.Solvers.ContainsKey(c.Hostname)).ToList();
        var rows = new List<RunCheck>();
        if (plain.Count < challenges.Count)
        {
            StepResult? advanced = null;
            var row = await Checks.MakeAsync(StepName.SolveChallenges, CheckNames.Challenge, string.Join(", ", challenges.Except(plain).Select(c => c.Hostname).Distinct(StringComparer.Ordinal)), async () =>
            {
                advanced = await presentation.AdvanceAsync(context, cancellationToken);
                return advanced switch
                {
                    null => CheckOutcome.Passed(Seen(context)),
                    StepResult.Pending { Note: { } note } => CheckOutcome.Warning(note),
                    StepResult.Failed failed => CheckOutcome.Failed(failed.Message),
                    _ => CheckOutcome.Skipped(""),
                };
            });
            if (advanced is StepResult.Pending { Note: null })
            {
                return advanced;
            }

            rows.Add(row);
        }

        rows.AddRange(await Task.WhenAll(plain.Select(c => Checks.MakeAsync(StepName.SolveChallenges, CheckNames.Challenge, c.Hostname, async () =>
            await selfCheck.FindObstacleAsync(c.Hostname, c.Token, c.KeyAuthorization, cancellationToken) switch
            {
                null => CheckOutcome.Passed($"{ChallengeAddress.Of(c.Hostname)} leads to the operator, which gave the answer."),
                { Unseen: true } obstacle => CheckOutcome.Warning($"{obstacle.Message} The CA, which is elsewhere, may see more."),
                { } obstacle => CheckOutcome.Failed($"{obstacle.Message} Route {ChallengeAddress.Of(c.Hostname)} to the operator."),
            }))));
        return new StepResult.Done(string.Join(" ", rows.Select(r => r.Evidence))) { Order = context.Status.Order, Report = rows };
    }

    private static StepResult.GoBack PlaceAnother() => new StepResult.GoBack(StepName.PlaceOrder, RunReasons.OrderLost, "The account of the dry run went with the process that had made it.");

    private static string Seen(RunContext context)
    {
        var places = (context.Status.Order?.Challenges ?? []).Select(c => c.Presented).OfType<PresentedAnswer>().Select(p => $"{p.Name} (solver {p.Solver})").Distinct(StringComparer.Ordinal).ToList();
        return $"An answer was put in place and seen where a CA would look: {string.Join(", ", places)}.";
    }

    /// <summary>Waits go on; everything else is an end, and becomes a row of the report.</summary>
    private static async Task<StepResult> TryAsync(RunContext context, StepName step, string check, string? subject, Func<Task<StepResult>> attempt)
    {
        StepResult? result = null;
        var row = await Checks.MakeAsync(step, check, subject, async () =>
        {
            result = await attempt();
            return result switch
            {
                StepResult.Done done => CheckOutcome.Passed(done.Message),
                StepResult.Transient transient => CheckOutcome.Failed(transient.Message),
                StepResult.Failed failed => CheckOutcome.Failed(failed.Message),
                StepResult.NeedsManual manual => CheckOutcome.Failed(manual.Message),
                _ => CheckOutcome.Skipped(""),
            };
        });
        return result is StepResult.Pending or StepResult.GoBack
            ? result
            : new StepResult.Done(row.Evidence ?? "") { Order = result?.Order ?? context.Status.Order, PersistFirst = result?.PersistFirst ?? false, Report = [row] };
    }

    private static StepResult.Done Done(string message, StepName step, string check, string subject, CheckOutcome outcome)
        => new(message) { Report = [Checks.Row(step, check, subject, outcome)] };

    private IssuanceRequest RequestFor(RunContext context, Uri staging)
        => context.RequestTo(
            new AcmeIssuer
            {
                Server = staging,
                Email = null,
                CaBundle = (context.Resolved.Issuer as ResolvedAcmeIssuer)?.CaBundle,
                PreferredChain = null,
                Profile = null,
                AccountKeyPem = accounts.KeyFor(staging),
                ExternalAccount = null,
            },
            context.Resolved.Challenge);
}
