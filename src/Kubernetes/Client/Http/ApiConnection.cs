using System.Text.Json;

namespace CertOperator.Kubernetes;

/// <summary>
/// Carries out requests: credentials, time limit, refusals as exceptions, and the two repetitions there are. One is
/// for 429 with Retry-After, by which priority and fairness asks to wait; the other for 401 when newer credentials exist.
/// </summary>
internal sealed class ApiConnection(
    ApiTransport transport,
    CredentialSource credentials,
    TimeSpan requestTimeout,
    TimeProvider timeProvider,
    IKubernetesRequestObserver observer)
{
    private const int MaxRepetitions = 3;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    public TimeProvider TimeProvider => timeProvider;

    /// <summary>Sends, and reads the answer as a stream within the time limit.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="state">Handed to <paramref name="read"/>, so that it needs no closure.</param>
    /// <param name="read">Reads the body.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<TResult> CallAsync<TState, TResult>(
        ApiRequest request, TState state, Func<Stream, TState, CancellationToken, ValueTask<TResult>> read, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(requestTimeout, timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var (message, started) = await SendAsync(request, both.Token);
            using (message)
            {
                var code = 0;
                try
                {
                    await using var stream = new CappedStream(await message.Content.ReadAsStreamAsync(both.Token), request.MaxAnswer);
                    var result = await read(stream, state, both.Token);
                    code = (int)message.StatusCode;
                    return result;
                }
                finally
                {
                    Observe(request, code, started);
                }
            }
        }
        catch (Exception e) when (IsFault(e, cancellationToken))
        {
            throw Fault(request, e);
        }
    }

    /// <summary>Sends, and hands the answer over as soon as its headers are there.</summary>
    public async Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(requestTimeout, timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var (message, started) = await SendAsync(request, both.Token);
            Observe(request, (int)message.StatusCode, started);
            return message;
        }
        catch (Exception e) when (IsFault(e, cancellationToken))
        {
            throw Fault(request, e);
        }
    }

    /// <summary>True for what is to be reported as a failure of the connection, and not as itself.</summary>
    public static bool IsFault(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException or JsonException or KubernetesConfigurationException
        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    public static KubernetesTransportException Fault(ApiRequest request, Exception e)
    {
        var what = e switch
        {
            OperationCanceledException => "no answer, or not the whole of it, within the time limit",
            JsonException => "the answer is not the JSON that was expected",
            HttpRequestException { InnerException: { } inner } => $"{e.Message} {inner.Message}",
            _ => e.Message,
        };
        return new KubernetesTransportException($"{request}: {what}", e);
    }

    private async Task<(HttpResponseMessage Message, long Started)> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var used = await credentials.GetAsync(cancellationToken);
        var renewed = false;
        var repetitions = 0;
        var waited = TimeSpan.Zero;
        while (true)
        {
            var started = timeProvider.GetTimestamp();
            var message = await SendOnceAsync(request, used, started, cancellationToken);
            if (message.IsSuccessStatusCode)
            {
                return (message, started);
            }

            KubernetesException refusal;
            using (message)
            {
                refusal = await ErrorAnswer.ReadAsync(request, message, timeProvider, cancellationToken);
                Observe(request, (int)message.StatusCode, started);
            }

            if (refusal is UnauthorizedException && !renewed && await credentials.RenewAsync(used, cancellationToken) is { } other)
            {
                renewed = true;
                used = other;
            }
            else if (refusal is TooManyRequestsException { RetryAfter: { } wait } && repetitions < MaxRepetitions && waited + wait <= MaxWait)
            {
                repetitions++;
                waited += wait;
                await Task.Delay(wait, timeProvider, cancellationToken);
            }
            else
            {
                throw refusal;
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        ApiRequest request, RequestCredentials used, long started, CancellationToken cancellationToken)
    {
        HttpResponseMessage? message = null;
        try
        {
            return message = await transport.SendAsync(request, used, cancellationToken);
        }
        finally
        {
            if (message is null)
            {
                Observe(request, 0, started);
            }
        }
    }

    private void Observe(ApiRequest request, int code, long started) =>
        observer.RequestCompleted(request.Verb, request.Resource, code, timeProvider.GetElapsedTime(started));
}
