namespace CertOperator.Kubernetes;

/// <summary>Keeps what an exec plugin printed until it expires; runs the plugin once however many wait for it.</summary>
internal sealed class ExecCredentialCache(ExecPluginRunner runner, TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan ExpiryMargin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile ExecCredentialStatus? _current;
    private long _ranAt;

    public async ValueTask<ExecCredentialStatus> GetAsync(CancellationToken cancellationToken)
    {
        if (Valid() is { } known)
        {
            return known;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Valid() is { } fresh)
            {
                return fresh;
            }

            var status = await runner.RunAsync(cancellationToken);
            _ranAt = timeProvider.GetTimestamp();
            _current = status;
            return status;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The server refused these: run the plugin again, but not over and over for a user who has no access.</summary>
    public void Discard(ExecCredentialStatus refused)
    {
        if (ReferenceEquals(_current, refused) && timeProvider.GetElapsedTime(_ranAt) >= LeastInterval)
        {
            _current = null;
        }
    }

    public void Dispose() => _turn.Dispose();

    private ExecCredentialStatus? Valid() =>
        _current is { } status && (status.ExpirationTimestamp is not { } expires || timeProvider.GetUtcNow() < expires - ExpiryMargin)
            ? status
            : null;
}
