using System.Net;
using CertOperator.Acme;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Acme;

/// <summary>What a run keeps of an order, and how its challenges are answered.</summary>
public static class AcmeOrders
{
    public static IReadOnlyList<AcmeIdentifier> Identifiers(IReadOnlyList<string> names)
        => [.. names.Select(n => IPAddress.TryParse(n, out var address) ? AcmeIdentifier.Ip(address) : AcmeIdentifier.Dns(n))];

    /// <summary>The order with the challenges that are still to be answered. URLs are kept as the server wrote them: servers compare them as text.</summary>
    public static async Task<RunOrder> DescribeAsync(AccountSession session, AcmeOrder order, CancellationToken cancellationToken)
    {
        var challenges = new List<RunChallenge>();
        foreach (var url in order.Status == OrderStatus.Pending ? order.Authorizations : [])
        {
            var authorization = await session.Account.GetAuthorizationAsync(url, cancellationToken);
            if (authorization.Status != AuthorizationStatus.Pending)
            {
                continue;
            }

            var challenge = authorization.Challenges.FirstOrDefault(c => c.Type == AcmeChallenge.Http01 && c.Token is not null)
                ?? throw new IssuanceException(
                    IssuanceFailure.Failed,
                    IssuanceReasons.ChallengeNotOffered,
                    $"The CA offers no {AcmeChallenge.Http01} for {authorization.Identifier.Value}, but {string.Join(", ", authorization.Challenges.Select(c => c.Type).Order(StringComparer.Ordinal))}.");
            challenges.Add(new RunChallenge
            {
                Hostname = authorization.Identifier.Value,
                Type = challenge.Type,
                AuthorizationUrl = url.OriginalString,
                Url = challenge.Url.OriginalString,
                Token = challenge.Token!,
                KeyAuthorization = KeyAuthorization.For(challenge.Token!, session.Key),
            });
        }

        return new RunOrder
        {
            Url = order.Url.OriginalString,
            FinalizeUrl = order.Finalize.OriginalString,
            Expires = order.Expires,
            Challenges = challenges.Count == 0 ? null : challenges,
        };
    }

    /// <summary>The order as the request to finalize it needs it; nothing else of it is read there.</summary>
    public static AcmeOrder ToFinalize(RunOrder order)
        => new()
        {
            Url = new Uri(order.Url),
            Finalize = new Uri(order.FinalizeUrl),
            Status = OrderStatus.Ready,
            Identifiers = [],
            Authorizations = [],
        };

    /// <summary>After a restart: answers the challenges that no earlier try has answered.</summary>
    public static async Task AnswerUnansweredAsync(AccountSession session, RunOrder order, CancellationToken cancellationToken)
    {
        foreach (var challenge in order.Challenges ?? [])
        {
            var authorization = await session.Account.GetAuthorizationAsync(new Uri(challenge.AuthorizationUrl), cancellationToken);
            if (authorization.Status == AuthorizationStatus.Pending
                && authorization.Challenges.Any(c => c.Url.OriginalString == challenge.Url && c.Status == ChallengeStatus.Pending))
            {
                await session.Account.AnswerChallengeAsync(new Uri(challenge.Url), cancellationToken);
            }
        }
    }
}
