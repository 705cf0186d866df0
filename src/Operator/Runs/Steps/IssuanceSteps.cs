using CertOperator.Crds.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>The steps that talk to the certificate authority.</summary>
public sealed class IssuanceSteps(ICertificateProvider provider, IssuerCredentials credentials, RenewalState state, OrderRegister orders, TimeProvider timeProvider)
{
    public async Task<StepResult> PrepareAsync(RunContext context, CancellationToken cancellationToken)
        => new StepResult.Done(await provider.PrepareAsync(await RequestAsync(context, cancellationToken), cancellationToken));

    public async Task<StepResult> PlaceOrderAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Status.Order is { Url.Length: > 0, ReusedFrom: { } earlier })
        {
            return new StepResult.Done($"The certificate of run {earlier} is still good; its order is used again.");
        }

        // Placed by an earlier try that did not come to its end: it could not read the challenges, or not store what it had.
        if (context.Work.Session is { Order.Challenges: not null } kept)
        {
            return Placed(context, kept.Order);
        }

        var request = await RequestAsync(context, cancellationToken);
        if ((context.Status.Order is { Url: not null } stored ? stored : context.Work.Session?.Order) is { Url.Length: > 0 } known)
        {
            return await provider.FindOrderAsync(request, known.Url, cancellationToken) is { } found
                ? Take(context, found with { Order = found.Order with { Placed = known.Placed, Resumed = known.Resumed } }, untouched: false)
                : GoBack(context, RunReasons.OrderLost, $"{request.Issuer.Server.Host} no longer knows the order {known.Url}.");
        }

        var mayExist = !context.Work.NoOrderCanExist;
        context.Work.NoOrderCanExist = false;
        var placement = await provider.PlaceOrderAsync(request, mayExist, url => orders.IsTaken(url, context.Key), cancellationToken);
        return Take(context, placement with { Order = placement.Order with { Placed = (context.Status.Order?.Placed ?? 0) + 1 } }, untouched: !mayExist);
    }

    public async Task<StepResult> SolveChallengesAsync(RunContext context, CancellationToken cancellationToken)
        => Result(await provider.SolveAsync(await RequestAsync(context, cancellationToken), Session(context), cancellationToken), context);

    public async Task<StepResult> FinalizeAsync(RunContext context, CancellationToken cancellationToken)
    {
        var key = await KeyAsync(context, cancellationToken);
        if (key is null)
        {
            context.Work.Session = null;
            return new StepResult.GoBack(StepName.PrepareKey, RunReasons.KeyLost, "The key that was staged for this run is gone, or is no key any more.");
        }

        var progress = await provider.FinalizeAsync(await RequestAsync(context, cancellationToken), Session(context), () => SigningRequest(context, key), cancellationToken);
        return progress is IssuanceProgress.Issued issued ? Check(context, key, issued.ChainPem) : Result(progress, context);
    }

    public async Task<PrivateKeyPair?> KeyAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Work.Key is null && RenewalState.StagedFor(await state.FindAsync(context.Policy, cancellationToken), context.Run) is { } staged)
        {
            context.Work.SetKey(staged);
        }

        return context.Work.Key;
    }

    public async Task<IssuanceRequest> RequestAsync(RunContext context, CancellationToken cancellationToken)
        => context.Work.Request ??= new IssuanceRequest
        {
            Issuer = await credentials.ResolveAsync(context.Namespace, context.Resolved.Issuer, cancellationToken),
            Names = context.Resolved.Names,
            Challenge = context.Resolved.Challenge,
            Replaces = context.Resolved.Issuer.UseRenewalInfo ? context.Policy.Status?.RenewalInfo?.CertificateId : null,
        };

    /// <summary>What a run can do about a refusal.</summary>
    /// <param name="e">The refusal.</param>
    /// <param name="order">The order that was placed before; null where there is none.</param>
    public static StepResult Refused(IssuanceException e, RunOrder? order)
        => e.Failure switch
        {
            IssuanceFailure.Transient => new StepResult.Transient(e.Reason, e.Message, e.RetryAfter) { Order = order },
            IssuanceFailure.NeedsManual => new StepResult.NeedsManual(e.Reason, e.Message) { Order = order },
            _ => new StepResult.Failed(e.Reason, e.Message, e.RetryAfter) { Order = order },
        };

    private static StepResult Take(RunContext context, OrderPlacement placement, bool untouched)
    {
        context.Work.Session = new OrderSession(placement.Order) { Untouched = untouched };
        return placement.Problem is { } problem ? Refused(problem, placement.Order) : Placed(context, placement.Order);
    }

    private static StepResult.Done Placed(RunContext context, RunOrder order)
        => new($"Order for {string.Join(", ", context.Resolved.Names)} is placed: {order.Url}") { Order = order, PersistFirst = true };

    private static StepResult.GoBack GoBack(RunContext context, string reason, string message)
    {
        context.Work.Session = null;
        return new StepResult.GoBack(StepName.PlaceOrder, reason, message);
    }

    private static OrderSession Session(RunContext context)
        => context.Work.Session ??= new OrderSession(context.Status.Order ?? throw new IssuanceException(
            IssuanceFailure.Failed,
            IssuanceReasons.OrderInvalid,
            "status.order of the run is gone. Only the operator writes there; the next run places an order of its own."))
        {
            Interrupted = context.Status.Order?.Resumed is not true,
        };

    private static byte[] SigningRequest(RunContext context, PrivateKeyPair key)
        => CertificateSigningRequests.CreateDer(key, context.Resolved.DnsNames.FirstOrDefault(), [.. context.Resolved.DnsNames], [.. context.Resolved.Addresses]);

    private StepResult Check(RunContext context, PrivateKeyPair key, string pem)
    {
        var chain = CertificateChain.Parse(pem, PemLimits.Issued);
        var summary = CertificateSummaries.From(chain.Facts);
        var defects = IssuedCertificateCheck.Check(chain, key, context.Resolved.Names, timeProvider.GetUtcNow());
        if (defects.Count > 0)
        {
            chain.Dispose();
            if (context.Status.Order?.ReusedFrom is { } earlier)
            {
                return GoBack(context, defects[0].Reason, $"The certificate of run {earlier} cannot be used again: {defects[0].Message}");
            }

            // It was issued all the same, and counts against the limit on issuances.
            return new StepResult.Failed(defects[0].Reason, string.Join(" ", defects.Select(d => d.Message)), null) { Certificate = summary };
        }

        context.Work.SetChain(chain);
        return new StepResult.Done($"Certificate {summary.Serial} was issued by {summary.Issuer}; it is valid until {summary.NotAfter:yyyy-MM-dd HH:mm} UTC.") { Certificate = summary };
    }

    private static StepResult Result(IssuanceProgress progress, RunContext context)
    {
        switch (progress)
        {
            case IssuanceProgress.Done done:
                return new StepResult.Done(done.Message);

            case IssuanceProgress.Pending pending:
                return new StepResult.Pending(pending.RetryAfter, pending.Message);

            case IssuanceProgress.OrderGone gone:
                return GoBack(context, RunReasons.OrderLost, gone.Message);

            default:
                throw new InvalidOperationException($"{progress.GetType().Name} is not expected here.");
        }
    }
}
