using System.Security.Cryptography;
using System.Text;
using CertOperator.Kubernetes;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Hosting.Access;

/// <summary>
/// Asks the API server whose token somebody sends and whether they may get <c>/metrics</c>. Nobody is anonymous. What was
/// answered is remembered under a hash of the token; a token that is not known is not, so that guesses push out nobody else's.
/// </summary>
public sealed partial class ScraperAccess(IKubernetesClient client, TimeProvider time, ILogger<ScraperAccess> logger)
{
    /// <summary>The nonResourceURL of the right, and what is served.</summary>
    public const string Path = "/metrics";

    private const int MostTokens = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UserLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AllowLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DenyLifetime = TimeSpan.FromSeconds(30);

    private readonly IResourceClient<TokenReview> _tokens = client.Resource(AuthenticationResources.TokenReviews);
    private readonly IResourceClient<SubjectAccessReview> _rights = client.Resource(AuthorizationResources.SubjectAccessReviews);
    private readonly ExpiringCache<UserInfo> _users = new(MostTokens, time);
    private readonly ExpiringCache<bool> _verdicts = new(MostTokens, time);

    public async Task<AccessVerdict> JudgeAsync(string token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            if (await IdentifyAsync(key, token, either.Token) is not { } user)
            {
                return AccessVerdict.NotAuthenticated;
            }

            return await MayReadAsync(key, user, either.Token) ? AccessVerdict.Allowed : AccessVerdict.Denied;
        }
        catch (Exception e) when (e is KubernetesException or KubernetesConfigurationException)
        {
            LogNotAsked(logger, e.Message);
            return AccessVerdict.Unknown;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotAsked(logger, $"there was no answer within {Patience.TotalSeconds:0} s");
            return AccessVerdict.Unknown;
        }
    }

    private async Task<UserInfo?> IdentifyAsync(string key, string token, CancellationToken cancellationToken)
    {
        if (_users.TryGet(key, out var known))
        {
            return known;
        }

        var review = await _tokens.CreateAsync(new TokenReview { Spec = new TokenReviewSpec { Token = token } }, cancellationToken);
        if (review.Status is not { Authenticated: true, User: { Username.Length: > 0 } user })
        {
            return null;
        }

        _users.Set(key, user, UserLifetime);
        return user;
    }

    private async Task<bool> MayReadAsync(string key, UserInfo user, CancellationToken cancellationToken)
    {
        if (_verdicts.TryGet(key, out var known))
        {
            return known;
        }

        var review = await _rights.CreateAsync(
            new SubjectAccessReview
            {
                Spec = new SubjectAccessReviewSpec
                {
                    NonResourceAttributes = new NonResourceAttributes { Path = Path, Verb = "get" },
                    User = user.Username,
                    Uid = user.Uid,
                    Groups = user.Groups,
                    Extra = user.Extra,
                },
            },
            cancellationToken);
        var allowed = review.Status is { Allowed: true };
        _verdicts.Set(key, allowed, allowed ? AllowLifetime : DenyLifetime);
        return allowed;
    }

    [LoggerMessage(1, LogLevel.Warning, "Somebody who wants to read the metrics was sent away, because the API server could not be asked about them: {Message}")]
    private static partial void LogNotAsked(ILogger logger, string message);
}
