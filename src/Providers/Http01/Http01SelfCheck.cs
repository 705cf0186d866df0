using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Http01;

/// <summary>
/// Asks a host for the answer to an http-01 challenge as a CA would (RFC 8555, section 8.3). Who chooses the host must not read in a
/// status what stands behind it, so of an answer no more than its code is told.
/// </summary>
public sealed class Http01SelfCheck : IDisposable
{
    public const int DefaultPort = 80;

    /// <summary>How long one look may take, with all redirects.</summary>
    public static readonly TimeSpan LookTimeout = TimeSpan.FromSeconds(20);

    private const int MaxRedirects = 10;
    private const int MaxHostLength = 253;
    private const int MaxBody = 4096;
    private const int MaxHeadersKilobytes = 16;

    private readonly HttpClient _client;
    private readonly int _port;
    private readonly TimeProvider _timeProvider;

    /// <param name="dialer">Checks and dials the hosts.</param>
    /// <param name="port">Where hosts are asked.</param>
    /// <param name="timeProvider">Measures the look.</param>
    public Http01SelfCheck(EgressDialer dialer, int port, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(dialer);
        _port = port;
        _timeProvider = timeProvider;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = dialer.ConnectAsync,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = MaxHeadersKilobytes,
            MaxResponseDrainSize = 0,
            // The next look must see where the name leads by then.
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = new SslClientAuthenticationOptions
            {
                // Most hosts that redirect to https have no valid certificate before the first one is issued, so CAs do not look at it.
#pragma warning disable CA5359
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            },
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <param name="host">DNS name or IP address that is to be proven.</param>
    /// <param name="token">The challenge's token.</param>
    /// <param name="keyAuthorization">What has to be answered.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>Null when the answer is there.</returns>
    public async Task<ChallengeObstacle?> FindObstacleAsync(string host, string token, string keyAuthorization, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(LookTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var url = new UriBuilder(Uri.UriSchemeHttp, ChallengeAddress.HostOf(host), _port, ChallengeAddress.Path + token).Uri;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            var (obstacle, next) = await AskAsync(url, keyAuthorization, either.Token, cancellationToken);
            if (next is null)
            {
                return obstacle;
            }

            url = next;
        }

        return Wrong($"{host} redirects requests for the challenge more than {MaxRedirects} times, or in a circle. CAs do not follow that far.");
    }

    public void Dispose() => _client.Dispose();

    private async Task<(ChallengeObstacle? Obstacle, Uri? Next)> AskAsync(Uri url, string keyAuthorization, CancellationToken cancellationToken, CancellationToken callers)
    {
        var place = PlaceOf(url);
        var answered = false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.ConnectionClose = true;
            request.Headers.UserAgent.ParseAdd("CertOperator");
            request.Headers.Accept.ParseAdd("*/*");
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            answered = true;
            if (response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            {
                return Follow(url, response.Headers.Location);
            }

            if (response.StatusCode != HttpStatusCode.OK)
            {
                return (Wrong(string.Create(CultureInfo.InvariantCulture, $"{place} answers {(int)response.StatusCode} when it is asked for the challenge.")), null);
            }

            return (await IsAnswerAsync(response, keyAuthorization, cancellationToken) ? null : Wrong($"{place} answers something else than the answer to the challenge."), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (Judge(place, e), null);
        }
        catch (OperationCanceledException) when (!callers.IsCancellationRequested)
        {
            var message = string.Create(CultureInfo.InvariantCulture, $"{place} did not {(answered ? "complete its answer" : "answer")} within {LookTimeout.TotalSeconds:0} s.");
            return (answered ? Wrong(message) : Unseen(message), null);
        }
    }

    private (ChallengeObstacle? Obstacle, Uri? Next) Follow(Uri from, Uri? location)
    {
        var place = PlaceOf(from);
        if (location is null || !Uri.TryCreate(from, location, out var target) || target.Host.Length is 0 or > MaxHostLength)
        {
            return (Wrong($"{place} redirects requests for the challenge to nowhere."), null);
        }

        return (target.Scheme == Uri.UriSchemeHttp || target.Scheme == Uri.UriSchemeHttps) && (target.Port is 80 or 443 || target.Port == _port)
            ? (null, target)
            : (Wrong($"{place} redirects requests for the challenge to {PlaceOf(target)}, and CAs follow to http and https at ports 80 and 443 only."), null);
    }

    /// <summary>Blanks at the end do not count (RFC 8555, section 8.3).</summary>
    private static async Task<bool> IsAnswerAsync(HttpResponseMessage response, string keyAuthorization, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxBody + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxBody && Encoding.UTF8.GetString(buffer, 0, length).TrimEnd() == keyAuthorization;
    }

    private static ChallengeObstacle Judge(string place, Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case EgressDeniedException or EgressConnectException:
                    return Unseen(inner.Message);

                case AuthenticationException:
                    return Wrong($"{place}, where requests for the challenge are redirected to, makes no TLS connection.");
            }
        }

        return Wrong($"{place} takes connections, but does not answer in HTTP.");
    }

    /// <summary>Without a user and a path, which are nobody's business.</summary>
    private static string PlaceOf(Uri url) => $"{url.Scheme}://{url.Authority}";

    private static ChallengeObstacle Wrong(string message) => new(ChallengeReasons.SelfCheckFailed, message);

    private static ChallengeObstacle Unseen(string message) => new(ChallengeReasons.SelfCheckFailed, message) { Unseen = true };
}
