using System.Collections.Concurrent;
using System.Net;
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

    /// <summary>How long a scraper stays known while the API server cannot be asked: monitoring must not go blind with it.</summary>
    private static readonly TimeSpan TrustLifetime = TimeSpan.FromMinutes(15);

    /// <summary>For one who is known: scrapes give up after 10 s, and what counts is there already.</summary>
    private static readonly TimeSpan PatienceWithTrust = TimeSpan.FromSeconds(2);

    /// <summary>For so long an API server that could not be asked about one who is known is left in peace.</summary>
    private static readonly TimeSpan TrustedPause = TimeSpan.FromSeconds(15);

    private readonly IResourceClient<TokenReview> _tokens = client.Resource(AuthenticationResources.TokenReviews);
    private readonly IResourceClient<SubjectAccessReview> _rights = client.Resource(AuthorizationResources.SubjectAccessReviews);
    private readonly ExpiringCache<UserInfo> _users = new(MostTokens, time);
    private readonly ExpiringCache<bool> _verdicts = new(MostTokens, time);

    /// <summary>Only who was let in. They are asked about again beside the limit for newcomers: so few, once a minute each, need none.</summary>
    private readonly ExpiringCache<bool> _trusted = new(MostTokens, time);
    private readonly ExpiringCache<bool> _pausing = new(MostTokens, time);
    private readonly Newcomers _newcomers = new(time);
    private readonly ConcurrentDictionary<string, Lazy<Task<AccessVerdict>>> _reviews = new(StringComparer.Ordinal);

    /// <param name="token">What was sent.</param>
    /// <param name="from">The address that it came from.</param>
    /// <param name="cancellationToken">Ends the wait. A review goes on, for others who wait for the same.</param>
    public async Task<AccessVerdict> JudgeAsync(string token, IPAddress from, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(from);
        if (!BearerToken.IsPossible(token))
        {
            return AccessVerdict.NotAuthenticated;
        }

        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        return Known(key) ?? await _reviews.GetOrAdd(key, k => new(() => ReviewAsync(k, token, from))).Value.WaitAsync(cancellationToken);
    }

    /// <summary>Null when somebody has to be asked.</summary>
    private AccessVerdict? Known(string key)
    {
        if (_users.TryGet(key, out _) && _verdicts.TryGet(key, out var allowed))
        {
            return allowed ? AccessVerdict.Allowed : AccessVerdict.Denied;
        }

        return _pausing.TryGet(key, out _) && _trusted.TryGet(key, out _) ? AccessVerdict.Allowed : null;
    }

    private async Task<AccessVerdict> ReviewAsync(string key, string token, IPAddress from)
    {
        try
        {
            // Another review may have ended just before this one began.
            if (Known(key) is { } known)
            {
                return known;
            }

            var trusted = _trusted.TryGet(key, out _);
            return trusted || _newcomers.Admit(from) ? await AskAsync(key, token, trusted) : AccessVerdict.TooMany;
        }
        finally
        {
            _reviews.TryRemove(key, out _);
        }
    }

    private async Task<AccessVerdict> AskAsync(string key, string token, bool trusted)
    {
        var wait = trusted ? PatienceWithTrust : Patience;
        using var patience = new CancellationTokenSource(wait, time);
        try
        {
            var verdict = await IdentifyAsync(key, token, patience.Token) is not { } user ? AccessVerdict.NotAuthenticated
                : await MayReadAsync(key, user, patience.Token) ? AccessVerdict.Allowed
                : AccessVerdict.Denied;
            if (verdict == AccessVerdict.Allowed)
            {
                _trusted.Set(key, true, TrustLifetime);
            }
            else
            {
                _trusted.Remove(key);
            }

            return verdict;
        }
        catch (Exception e) when (e is KubernetesException or KubernetesConfigurationException)
        {
            // A refusal is an answer: whoever may not ask lets nobody in.
            return NotAsked(key, e.Message, trusted && e is KubernetesTransportException or ServerUnavailableException or TooManyRequestsException);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return NotAsked(key, $"there was no answer within {wait.TotalSeconds:0} s", trusted);
        }
    }

    private AccessVerdict NotAsked(string key, string message, bool trusted)
    {
        if (!trusted)
        {
            LogNotAsked(logger, message);
            return AccessVerdict.Unknown;
        }

        LogTrusted(logger, message);
        _pausing.Set(key, true, TrustedPause);
        return AccessVerdict.Allowed;
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

    [LoggerMessage(2, LogLevel.Warning, "The API server could not be asked about somebody who reads the metrics. As it let them in less than 15 minutes ago, they go on: {Message}")]
    private static partial void LogTrusted(ILogger logger, string message);
}
