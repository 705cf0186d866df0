using CertOperator.Crds.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>The steps that talk to the certificate authority.</summary>
public sealed class IssuanceSteps(ICertificateProvider provider, IssuerCredentials credentials, RenewalState state, OrderRegister orders, TimeProvider timeProvider)
{
    public async Task<StepResult> PreflightAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (await credentials.FindProblemAsync(context.Namespace, context.Resolved, cancellationToken) is { } problem)
        {
            return new StepResult.Failed(problem.Reason, problem.Message, null);
        }

        return new StepResult.Done(await provider.PrepareAsync(await RequestAsync(context, cancellationToken), cancellationToken));
    }

    public async Task<StepResult> PlaceOrderAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Status.Order is { Url.Length: > 0 } known)
        {
            return new StepResult.Done(known.ReusedFrom is null ? "The order is there already." : $"The certificate of run {known.ReusedFrom} is still good; its order is used again.");
        }

        var mayExist = !context.Work.NoOrderCanExist;
        context.Work.NoOrderCanExist = false;
        var order = await provider.PlaceOrderAsync(await RequestAsync(context, cancellationToken), mayExist, url => orders.IsTaken(url, context.Key), cancellationToken);
        order = order with { Placed = (context.Status.Order?.Placed ?? 0) + 1 };
        context.Work.Session = new OrderSession(order) { Untouched = !mayExist };
        return new StepResult.Done($"Order for {string.Join(", ", context.Resolved.Names)} is placed: {order.Url}") { Order = order, PersistFirst = true };
    }

    public async Task<StepResult> SolveChallengesAsync(RunContext context, CancellationToken cancellationToken)
        => Result(await provider.SolveAsync(await RequestAsync(context, cancellationToken), Session(context), cancellationToken), context);

    public async Task<StepResult> FinalizeAsync(RunContext context, CancellationToken cancellationToken)
    {
        var key = await KeyAsync(context, cancellationToken);
        if (key is null)
        {
            context.Work.Session = null;
            return new StepResult.GoBack(StepName.PrepareKey, RunReasons.KeyLost, "The key that was staged for this run is gone.");
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
        };

    private static OrderSession Session(RunContext context) => context.Work.Session ??= new OrderSession(context.Status.Order!);

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
                context.Work.Session = null;
                return new StepResult.GoBack(StepName.PlaceOrder, defects[0].Reason, $"The certificate of run {earlier} cannot be used again: {defects[0].Message}");
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
                context.Work.Session = null;
                return new StepResult.GoBack(StepName.PlaceOrder, RunReasons.OrderLost, gone.Message);

            default:
                throw new InvalidOperationException($"{progress.GetType().Name} is not expected here.");
        }
    }
}
