using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Issuers;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>The steps that talk to the certificate authority.</summary>
public sealed class IssuanceSteps(ProviderRegistry providers, StagedKeys staged, SigningRequestSecrets requests, OrderRegister orders, TimeProvider timeProvider)
{
    public async Task<StepResult> PrepareAsync(RunContext context, CancellationToken cancellationToken)
        => new StepResult.Done(await ProviderOf(context).PrepareAsync(await RequestAsync(context, cancellationToken), cancellationToken));

    /// <summary>Which steps there are with the provider that is asked.</summary>
    public ProviderTraits TraitsOf(RunContext context) => ProviderOf(context).Traits;

    public async Task<StepResult> PlaceOrderAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (!TraitsOf(context).PlacesOrders)
        {
            return new StepResult.Skipped("The provider issues without an order.");
        }

        if (context.Status.Order is { Url.Length: > 0, ReusedFrom: { } earlier })
        {
            return new StepResult.Done($"The certificate of run {earlier} is still good; its order is used again.");
        }

        // Placed by an earlier try that did not come to its end: it could not read the challenges, or not store what it had.
        if (context.Work.Session is { Order.Challenges: not null } kept)
        {
            return Placed(context, kept.Order);
        }

        var provider = ProviderOf(context);
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
        => Result(await ProviderOf(context).SolveAsync(await RequestAsync(context, cancellationToken), Session(context), cancellationToken), context);

    public async Task<StepResult> FinalizeAsync(RunContext context, CancellationToken cancellationToken)
    {
        var provider = ProviderOf(context);
        var key = provider.Traits.MakesKey ? null : await KeyAsync(context, cancellationToken);
        if (key is null && !provider.Traits.MakesKey)
        {
            context.Work.Session = null;
            return new StepResult.GoBack(StepName.PrepareKey, RunReasons.KeyLost, "The key that was staged for this run is gone, or is no key any more.");
        }

        var progress = await provider.FinalizeAsync(await RequestAsync(context, cancellationToken), Session(context), ct => SigningRequestAsync(context, key!, ct), cancellationToken);
        return progress switch
        {
            IssuanceProgress.Issued issued => Check(context, key, issued),
            IssuanceProgress.ByHand byHand => await HandOverAsync(context, byHand.SigningRequestPem, cancellationToken),
            _ => Result(progress, context),
        };
    }

    public async Task<ICertificateKey?> KeyAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Work.Key is null && await staged.FindAsync(context.Policy, context.Run, context.Resolved, cancellationToken) is { } key)
        {
            context.Work.SetKey(key);
        }

        return context.Work.Key;
    }

    /// <summary>The key that is staged for the run, here or elsewhere; null where there is none any more.</summary>
    public Task<ICertificateKey?> FindStagedAsync(RunContext context, PolicyState? stored, CancellationToken cancellationToken)
        => staged.OpenAsync(stored, context.Run, context.Resolved, cancellationToken);

    /// <summary>Ends the run with the signing request where a person finds it, and with what to do.</summary>
    private async Task<StepResult> HandOverAsync(RunContext context, string signingRequest, CancellationToken cancellationToken)
    {
        await requests.WriteAsync(context.Policy, context.Run.Metadata.Name, signingRequest, cancellationToken);
        var secret = Naming.SigningRequestSecret(context.Policy.Metadata.Name);
        return new StepResult.NeedsManual(
            RunReasons.AwaitsCertificate,
            $"The signing request for {string.Join(", ", context.Resolved.Names)} is in status.csr of run {context.Run.Metadata.Name} and, as {SigningRequestSecrets.RequestKey}, in Secret {secret}. Have it signed, put the certificate and after it its issuers as {WellKnown.TlsCertificateKey} into a Secret of namespace {context.Namespace}, and annotate the run with {WellKnown.ResolveWithSecret}, the name of that Secret as the value.")
        {
            Csr = signingRequest,
        };
    }

    public async Task<IssuanceRequest> RequestAsync(RunContext context, CancellationToken cancellationToken)
    {
        context.Work.Provider = ProviderOf(context);
        return context.Work.Request ??= context.RequestTo(await providers.CredentialsOf(context.Resolved.Issuer).ResolveAsync(context.Namespace, context.Resolved.Issuer, cancellationToken), context.Resolved.Challenge) with
        {
            InUse = RenewalNeeds.IsRestorable(ReasonOf(context)) ? null : context.Policy.Status?.Fingerprint,
            UnfinishedOrder = TraitsOf(context).MakesKey ? orders.FindUnfinishedOf(context.Run) : null,
            LostRuns = TraitsOf(context).MakesKey ? orders.FindLostOf(context.Run) : [],
            StartedAt = context.Status.StartedAt,
            ResumedAt = context.Status.Resumption?.At,
            IsAskedFor = ReasonOf(context) is null or PolicyReasons.Requested,
            InUseOrder = TraitsOf(context).MakesKey ? orders.FindOf(context.Run, context.Policy.Status?.Fingerprint) : null,
            Replaces = context.Resolved.Issuer is ResolvedAcmeIssuer { UseRenewalInfo: true } ? context.Policy.Status?.RenewalInfo?.CertificateId : null,
        };
    }

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
        return placement switch
        {
            { Problem: { } problem } => Refused(problem, placement.Order),
            { Pending: { } pending } => Later(context, placement.Order, pending),
            _ => Placed(context, placement.Order),
        };
    }

    /// <summary>Asked again, the order says what is to be proven: nothing is kept of it but its address.</summary>
    private static StepResult.Pending Later(RunContext context, RunOrder order, IssuanceProgress.Pending pending)
    {
        context.Work.Session = null;
        return new StepResult.Pending(pending.RetryAfter, pending.Message) { Order = order, PersistFirst = context.Status.Order?.Url != order.Url };
    }

    private static StepResult.Done Placed(RunContext context, RunOrder order)
        => new($"Order for {string.Join(", ", context.Resolved.Names)} is placed: {order.Url}") { Order = order, PersistFirst = true };

    private static StepResult.GoBack GoBack(RunContext context, string reason, string message)
    {
        context.Work.Session = null;
        return new StepResult.GoBack(StepName.PlaceOrder, reason, message);
    }

    private static string? ReasonOf(RunContext context) => context.Run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason);

    private ICertificateProvider ProviderOf(RunContext context) => providers.ProviderOf(context.Resolved.Provider);

    private OrderSession Session(RunContext context)
        => context.Work.Session ??= new OrderSession(context.Status.Order ?? (TraitsOf(context).PlacesOrders ? null : new RunOrder()) ?? throw new IssuanceException(
            IssuanceFailure.Failed,
            IssuanceReasons.OrderInvalid,
            "status.order of the run is gone. Only the operator writes there; the next run places an order of its own."))
        {
            Interrupted = context.Status.Order?.Resumed is not true,
        };

    private static Task<byte[]> SigningRequestAsync(RunContext context, ICertificateKey key, CancellationToken cancellationToken)
        => CertificateSigningRequests.CreateDerAsync(key, context.Resolved.DnsNames.FirstOrDefault(), [.. context.Resolved.DnsNames], [.. context.Resolved.Addresses], cancellationToken);

    /// <summary>The key of an issued certificate: the run's, or the one that came with it or is said to be with the provider.</summary>
    private static ICertificateKey KeyOf(CertificateChain chain, ICertificateKey? key, IssuanceProgress.Issued issued)
        => key ?? (issued.PrivateKeyPem is { } pem ? PrivateKeyPair.FromPem(pem, PemLimits.Issued)
            : HeldKey.Of(chain.Leaf, issued.Key ?? throw new InvalidOperationException("A provider that makes the key gives it out or says where it is.")));

    private StepResult Check(RunContext context, ICertificateKey? prepared, IssuanceProgress.Issued issued)
    {
        var chain = CertificateChain.Parse(issued.ChainPem, PemLimits.Issued);
        var key = KeyOf(chain, prepared, issued);
        var summary = CertificateSummaries.From(chain.Facts);
        var defects = IssuedCertificateCheck.Check(chain, key.SubjectPublicKeyInfo, context.Resolved.Names, timeProvider.GetUtcNow());
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

        if (prepared is null)
        {
            context.Work.SetKey(key);
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
