using System.Net;
using CertOperator.Acme;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Acme;

/// <summary>What a run keeps of an order, and how its challenges are answered.</summary>
public static class AcmeOrders
{
    public static IReadOnlyList<AcmeIdentifier> Identifiers(IReadOnlyList<string> names)
        => [.. names.Select(n => IPAddress.TryParse(n, out var address) ? AcmeIdentifier.Ip(address) : AcmeIdentifier.Dns(n))];

    /// <summary>The order with the challenges that are still to be answered. URLs are kept as the server wrote them: servers compare them as text.</summary>
    public static async Task<RunOrder> DescribeAsync(AccountSession session, AcmeOrder order, ChallengeKind kind, CancellationToken cancellationToken)
    {
        var type = kind == ChallengeKind.Dns01 ? AcmeChallenge.Dns01 : AcmeChallenge.Http01;
        var challenges = new List<RunChallenge>();
        foreach (var url in order.Status == OrderStatus.Pending ? order.Authorizations : [])
        {
            var authorization = await session.Account.GetAuthorizationAsync(url, cancellationToken);
            if (authorization.Status != AuthorizationStatus.Pending)
            {
                continue;
            }

            var challenge = authorization.Challenges.FirstOrDefault(c => c.Type == type && c.Token is not null)
                ?? throw new IssuanceException(
                    IssuanceFailure.Failed,
                    IssuanceReasons.ChallengeNotOffered,
                    $"The CA offers no {type} for {authorization.Identifier.Value}, but {string.Join(", ", authorization.Challenges.Select(c => c.Type).Order(StringComparer.Ordinal))}.");
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

        return Describe(order, challenges);
    }

    public static RunOrder Describe(AcmeOrder order, IReadOnlyList<RunChallenge> challenges)
        => new()
        {
            Url = order.Url.OriginalString,
            FinalizeUrl = order.Finalize.OriginalString,
            Expires = order.Expires,
            Challenges = challenges.Count == 0 ? null : challenges,
        };

    /// <summary>The order as the request to finalize it needs it; nothing else of it is read there.</summary>
    public static AcmeOrder ToFinalize(RunOrder order)
        => new()
        {
            Url = UrlOf(order),
            Finalize = Parse(order.FinalizeUrl, "status.order.finalizeUrl"),
            Status = OrderStatus.Ready,
            Identifiers = [],
            Authorizations = [],
        };

    /// <exception cref="IssuanceException">Somebody has written something else there.</exception>
    public static Uri UrlOf(RunOrder order) => Parse(order.Url, "status.order.url");

    public static Uri Parse(string? url, string field)
        => Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme == Uri.UriSchemeHttps
            ? parsed
            : throw new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.OrderInvalid, $"{field} of the run is no https URL. Only the operator writes there; the next run places an order of its own.");

    /// <summary>After a restart: answers the challenges that no earlier try has answered. True where that was all of them.</summary>
    public static async Task<bool> AnswerUnansweredAsync(AccountSession session, RunOrder order, CancellationToken cancellationToken)
    {
        var all = true;
        foreach (var challenge in order.Challenges ?? [])
        {
            var authorization = await session.Account.GetAuthorizationAsync(Parse(challenge.AuthorizationUrl, "status.order.challenges.authorizationUrl"), cancellationToken);
            if (authorization.Status == AuthorizationStatus.Pending
                && authorization.Challenges.Any(c => c.Url.OriginalString == challenge.Url && c.Status == ChallengeStatus.Pending))
            {
                await session.Account.AnswerChallengeAsync(Parse(challenge.Url, "status.order.challenges.url"), cancellationToken);
            }
            else
            {
                all = false;
            }
        }

        return all;
    }
}
