namespace CertOperator.Kubernetes;

/// <summary>One watch in progress.</summary>
internal sealed class WatchConnection<T> : IAsyncDisposable
    where T : class, IKubernetesObject
{
    // How much later than asked for a server may end a watch before it is taken for dead.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly ApiRequest _request;
    private readonly ResourceAnswers<T> _answers;
    private readonly HttpResponseMessage _response;
    private readonly WatchFrames _frames;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _both;

    private WatchConnection(
        ApiRequest request, ResourceAnswers<T> answers, HttpResponseMessage response, WatchFrames frames, CancellationTokenSource deadline, CancellationToken cancellationToken)
    {
        _request = request;
        _answers = answers;
        _response = response;
        _frames = frames;
        _deadline = deadline;
        _both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
    }

    public static async Task<WatchConnection<T>> OpenAsync(
        ApiConnection connection, ApiRequest request, ResourceAnswers<T> answers, int? timeoutSeconds, CancellationToken cancellationToken)
    {
        var response = await connection.OpenAsync(request, cancellationToken);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var deadline = timeoutSeconds is { } seconds
            ? new CancellationTokenSource(TimeSpan.FromSeconds(seconds) + Grace, connection.TimeProvider)
            : new CancellationTokenSource();
        return new WatchConnection<T>(request, answers, response, new WatchFrames(stream, ApiLimits.WatchFrame), deadline, cancellationToken);
    }

    /// <summary>The next change, or null when the server has ended the watch.</summary>
    public async ValueTask<WatchEvent<T>?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _frames.MoveNextAsync(_both.Token))
            {
                if (!_frames.Current.IsEmpty && WatchFrame.Parse(_frames.Current, _answers, _request) is { } change)
                {
                    return change;
                }
            }

            return null;
        }
        catch (Exception e) when (ApiConnection.IsFault(e, cancellationToken))
        {
            throw ApiConnection.Fault(_request, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        await _frames.DisposeAsync();
        _both.Dispose();
        _deadline.Dispose();
    }
}
