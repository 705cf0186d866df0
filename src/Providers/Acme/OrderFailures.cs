using CertOperator.Acme;
using CertOperator.Providers.Http01;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Acme;

/// <summary>Finds out why an order became invalid: the CA says it on the challenge, not on the order.</summary>
public static class OrderFailures
{
    /// <param name="session">The account.</param>
    /// <param name="order">The order.</param>
    /// <param name="request">What was ordered.</param>
    /// <param name="interrupted">Whether an earlier process placed the order.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public static async Task<IssuanceException> ExplainAsync(AccountSession session, AcmeOrder order, IssuanceRequest request, bool interrupted, CancellationToken cancellationToken)
    {
        foreach (var url in order.Authorizations)
        {
            var authorization = await session.Account.GetAuthorizationAsync(url, cancellationToken);
            if (authorization.Status is AuthorizationStatus.Valid or AuthorizationStatus.Pending)
            {
                continue;
            }

            var name = authorization.Identifier.Value;
            var failed = authorization.Challenges.FirstOrDefault(c => c.Error is not null);
            return failed?.Error is { } problem
                ? new IssuanceException(IssuanceFailure.Failed, Reason(problem, interrupted), $"{name}: {AcmeFailures.Sentence(problem)} {Advice(failed.Type, name)}", problem.RetryAfter)
                : new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.ChallengeFailed, $"{name}: the authorization is {authorization.Status} and the CA does not say why.");
        }

        return order.Error is { } error
            ? AcmeFailures.FromProblem(error, request.Issuer.Server, request.Issuer.Field)
            : new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.OrderInvalid, $"{request.Issuer.Server.Host} made the order invalid without saying why.");
    }

    /// <summary>A CA that could not connect while the operator was restarted says nothing about the way to the operator.</summary>
    private static string Reason(AcmeProblem problem, bool interrupted)
        => interrupted && problem.Kind == AcmeErrorKind.Connection ? IssuanceReasons.ChallengeInterrupted : IssuanceReasons.ChallengeFailed;

    private static string Advice(string type, string name)
        => type == AcmeChallenge.Http01
            ? $"Check that {ChallengeAddress.Of(name)} leads, from the CA's point of view, to the operator's http-01 port, and that no firewall or redirect to another host is in the way."
            : type == AcmeChallenge.Dns01
                ? $"Check what _acme-challenge.{name} answers from the CA's point of view, and that the CA sees the same name servers."
                : "Check that the name is under your control.";
}
