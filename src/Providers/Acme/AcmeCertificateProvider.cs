using CertOperator.Acme;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Acme;

/// <summary>Issues certificates through ACME (RFC 8555).</summary>
public sealed class AcmeCertificateProvider(AcmeAccounts accounts) : ICertificateProvider, IAcmeAuthority
{
    public ProviderTraits Traits { get; } = new(PlacesOrders: true, ProvesControl: true, MakesKey: false);

    public async Task<AuthorityDescription> DescribeAsync(Uri server, string? caBundle, CancellationToken cancellationToken)
    {
        try
        {
            return Describe(await accounts.Client(server, caBundle).FetchDirectoryAsync(cancellationToken));
        }
        catch (AcmeException e)
        {
            throw AcmeFailures.Translate(e, server);
        }
    }

    public async Task<string?> FindAccountAsync(AcmeIssuer issuer, CancellationToken cancellationToken)
    {
        try
        {
            return await accounts.LookUpAsync(issuer, cancellationToken) is { } account ? Usable(account, issuer) : null;
        }
        catch (AcmeException e)
        {
            throw AcmeFailures.Translate(e, issuer.Server, issuer.Field);
        }
    }

    public Task<string> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken)
        => CallAsync(request, async account =>
        {
            var issuer = IssuerOf(request);
            if (Describe(await account.Client.GetDirectoryAsync(cancellationToken)).FindProfileProblem(issuer.Server, issuer.Profile, issuer.Field) is { } problem)
            {
                throw new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.UnknownProfile, problem);
            }

            var usable = Usable(account.Details, issuer);
            return await AccountContacts.TellAsync(account, issuer, cancellationToken) is { } told ? $"{usable} {told}" : usable;
        }, cancellationToken);

    public Task<OrderPlacement> PlaceOrderAsync(IssuanceRequest request, bool mayExist, Func<string, bool> isTaken, CancellationToken cancellationToken)
        => CallAsync(request, async account =>
        {
            var identifiers = AcmeOrders.Identifiers(request.Names);
            var order = mayExist ? await InterruptedOrders.FindAsync(account, identifiers, isTaken, cancellationToken) : null;
            order ??= await NewOrders.PlaceAsync(account, request, identifiers, cancellationToken);
            return await PlacementAsync(account, order, request, cancellationToken);
        }, cancellationToken);

    public async Task<OrderPlacement?> FindOrderAsync(IssuanceRequest request, string url, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(
                request,
                async account => await PlacementAsync(account, await account.Account.GetOrderAsync(AcmeOrders.Parse(url, "status.order.url"), cancellationToken), request, cancellationToken),
                cancellationToken);
        }
        catch (IssuanceException e) when (IsGone(e))
        {
            return null;
        }
    }

    public Task<IssuanceProgress> SolveAsync(IssuanceRequest request, OrderSession session, CancellationToken cancellationToken)
        => CallOnOrderAsync(request, async account =>
        {
            if (session.Untouched && session.Order.Challenges is { Count: > 0 } challenges)
            {
                session.Untouched = false;
                foreach (var challenge in challenges)
                {
                    await account.Account.AnswerChallengeAsync(new Uri(challenge.Url), cancellationToken);
                }

                // Not before all were taken: after a refusal the next try looks which ones are still to be answered.
                session.Polls = 1;
                return new IssuanceProgress.Pending(AcmePolling.Delay(0, null), "The CA validates the challenges.");
            }

            var order = await account.Account.GetOrderAsync(AcmeOrders.UrlOf(session.Order), cancellationToken);
            session.MayBeGivenUp &= order.Status == OrderStatus.Invalid;
            switch (order.Status)
            {
                case OrderStatus.Ready or OrderStatus.Processing or OrderStatus.Valid:
                    session.Ready = order.Status == OrderStatus.Ready;
                    session.Polls = 0;
                    return new IssuanceProgress.Done($"The CA has validated {request.Names.Count} name{(request.Names.Count == 1 ? "" : "s")}.");

                case OrderStatus.Pending:
                    // Whoever had not been asked to come cannot have come in vain.
                    if (session.Polls == 0 && await AcmeOrders.AnswerUnansweredAsync(account, session.Order, cancellationToken))
                    {
                        session.Interrupted = false;
                    }

                    return new IssuanceProgress.Pending(AcmePolling.Delay(session.Polls++, order.RetryAfter), "The CA validates the challenges.");

                default:
                    return await EndAsync(account, order, request, session, cancellationToken);
            }
        }, cancellationToken);

    public Task<IssuanceProgress> FinalizeAsync(IssuanceRequest request, OrderSession session, Func<CancellationToken, Task<byte[]>> createSigningRequest, CancellationToken cancellationToken)
        => CallOnOrderAsync(request, async account =>
        {
            AcmeOrder order;
            var finalized = session.Ready;
            if (finalized)
            {
                // Should this request fail midway, the next try asks for the order first: it must not be finalized twice.
                session.Ready = false;
                order = await account.Account.FinalizeAsync(AcmeOrders.ToFinalize(session.Order), await createSigningRequest(cancellationToken), cancellationToken);
            }
            else
            {
                order = await account.Account.GetOrderAsync(AcmeOrders.UrlOf(session.Order), cancellationToken);
                session.MayBeGivenUp &= order.Status == OrderStatus.Invalid;
            }

            switch (order.Status)
            {
                case OrderStatus.Valid when order.Certificate is not null:
                    return new IssuanceProgress.Issued(await PreferredChains.DownloadAsync(account.Account, order.Certificate, IssuerOf(request).PreferredChain, cancellationToken));

                case OrderStatus.Ready when !finalized:
                    session.Ready = true;
                    return new IssuanceProgress.Pending(TimeSpan.Zero, "The order is ready to be finalized.");

                case OrderStatus.Ready or OrderStatus.Processing or OrderStatus.Valid or OrderStatus.Pending:
                    return new IssuanceProgress.Pending(AcmePolling.Delay(session.Polls++, order.RetryAfter), "The CA issues the certificate.");

                default:
                    return await EndAsync(account, order, request, session, cancellationToken);
            }
        }, cancellationToken);

    public Task CancelAsync(IssuanceRequest request, RunOrder order, CancellationToken cancellationToken)
        => CallAsync(request, async account =>
        {
            foreach (var authorization in (order.Challenges ?? []).Select(c => c.AuthorizationUrl).Distinct(StringComparer.Ordinal))
            {
                await account.Account.DeactivateAuthorizationAsync(new Uri(authorization), cancellationToken);
            }

            return true;
        }, cancellationToken);

    public async Task<RenewalSuggestion?> SuggestRenewalAsync(Uri server, string? caBundle, string certificateId, CancellationToken cancellationToken)
    {
        try
        {
            var info = await accounts.Client(server, caBundle).GetRenewalInfoAsync(CertificateId.Parse(certificateId), cancellationToken);
            return info is null ? null : new RenewalSuggestion(info.Start, info.End, info.ExplanationUrl?.ToString(), info.RetryAfter);
        }
        catch (AcmeException e)
        {
            throw AcmeFailures.Translate(e, server);
        }
    }

    /// <summary>Neither an account nor an order without effect: an ACME server is asked through <see cref="IAcmeAuthority"/>.</summary>
    public async Task<IReadOnlyList<ProviderCheck>> CheckAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        await DescribeAsync(issuer.Server, issuer.CaBundle, cancellationToken);
        return [new ProviderCheck("Authority", issuer.Server.Host, true, $"{issuer.Server} answers as an ACME server.")];
    }

    private static AcmeIssuer IssuerOf(IssuanceRequest request) => (AcmeIssuer)request.Issuer;

    /// <summary>An order that is lost. Where the run was resumed with it, its loss is what made the run end, and another may be placed.</summary>
    private static async Task<IssuanceProgress> EndAsync(AccountSession account, AcmeOrder order, IssuanceRequest request, OrderSession session, CancellationToken cancellationToken)
    {
        var why = await OrderFailures.ExplainAsync(account, order, request, session.Interrupted, cancellationToken);
        return session.MayBeGivenUp
            ? new IssuanceProgress.OrderGone($"{request.Issuer.Server.Host} has given up the order: {why.Message}")
            : throw why;
    }

    private async Task<IssuanceProgress> CallOnOrderAsync(IssuanceRequest request, Func<AccountSession, Task<IssuanceProgress>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(request, call, cancellationToken);
        }
        catch (IssuanceException e) when (IsGone(e))
        {
            return new IssuanceProgress.OrderGone($"{request.Issuer.Server.Host} no longer knows the order.");
        }
    }

    private static AuthorityDescription Describe(AcmeDirectory directory)
        => new(directory.Meta.CaaIdentities, directory.Meta.ExternalAccountRequired, [.. directory.Meta.Profiles.Keys]);

    private static string Usable(AcmeAccount account, AcmeIssuer issuer)
        => account.Status == AccountStatus.Valid
            ? $"The account at {issuer.Server.Host} is ready."
            : throw new IssuanceException(
                IssuanceFailure.Failed,
                IssuanceReasons.AccountRefused,
                $"The account at {issuer.Server.Host} is {account.Status}. Name another Secret in {issuer.Field}.accountSecretName, or delete the present one, to register a new account.");

    private static bool IsGone(IssuanceException e) => e.InnerException is AcmeProblemException { Kind: AcmeErrorKind.NotFound or AcmeErrorKind.AccountDoesNotExist };

    /// <summary>From here on the CA has the order: what fails now must not lose it.</summary>
    private static async Task<OrderPlacement> PlacementAsync(AccountSession account, AcmeOrder order, IssuanceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return new OrderPlacement(await AcmeOrders.DescribeAsync(account, order, request.Challenge, cancellationToken));
        }
        catch (AcmeException e) when (e is not AcmeProblemException { Kind: AcmeErrorKind.AccountDoesNotExist })
        {
            return new OrderPlacement(AcmeOrders.Describe(order, []), AcmeFailures.Translate(e, request.Issuer.Server, request.Issuer.Field));
        }
        catch (IssuanceException e)
        {
            return new OrderPlacement(AcmeOrders.Describe(order, []), e);
        }
    }

    private async Task<T> CallAsync<T>(IssuanceRequest request, Func<AccountSession, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(await accounts.SessionAsync(IssuerOf(request), cancellationToken));
        }
        catch (AcmeException e)
        {
            if (e is AcmeProblemException { Kind: AcmeErrorKind.AccountDoesNotExist })
            {
                accounts.Forget(IssuerOf(request));
            }

            throw AcmeFailures.Translate(e, request.Issuer.Server, request.Issuer.Field);
        }
    }
}
