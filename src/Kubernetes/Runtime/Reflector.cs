using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes;

/// <summary>
/// Keeps a sink in step with the API server for one namespace, or for all: lists page by page, watches from the list's
/// version on, resumes a watch that ended at the last version it saw, and lists again when that version is gone.
/// </summary>
internal sealed class Reflector<T>(
    IResourceClient<T> client,
    ListOptions scope,
    IReflectorSink<T> sink,
    TimeProvider timeProvider,
    Jitter jitter,
    ILogger logger)
    where T : class, IKubernetesObject
{
    // Spread, so that the watches of many clients do not end together.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(10);

    // After the time it was asked for, a watch that the server has not ended is dead, whatever the connection says.
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(30);

    // A watch that ends at once and brings nothing would otherwise be a busy loop.
    private static readonly TimeSpan TooShort = TimeSpan.FromSeconds(1);

    // A watch that breaks after this time did work: its end is not one more failure in a row.
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(1);

    // So many refusals in a row at one version may be due to the version, such as one from before a backup was restored.
    private const int RefusalsBeforeList = 5;

    private readonly RetryBackoff _backoff = new(TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(30), jitter);
    private readonly string _namespace = scope.Namespace ?? "";
    private string? _version;
    private int _refusals;
    private bool _fromCache;

    /// <summary>See <see cref="InformerOptions.FirstListFromCache"/>.</summary>
    public bool FirstListFromCache
    {
        init => _fromCache = value;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                _version ??= await ListAsync(cancellationToken);
                wait = await WatchAsync(cancellationToken) ? TimeSpan.Zero : _backoff.Next();
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (GoneException e)
            {
                InformerLog.VersionGone(logger, e, client.Definition.Plural, _namespace);
                _version = null;
                wait = _backoff.Next();

                // The first time is normal after the server compacted its history; only a list that is gone at once again is not.
                wait = _backoff.Failures == 1 ? TimeSpan.Zero : wait;
            }
            catch (Exception e)
            {
                wait = _backoff.Next();
                InformerLog.Failed(logger, client.Definition.Plural, _namespace, wait.TotalSeconds, e.Message);
                InformerLog.FailureDetails(logger, e, client.Definition.Plural, _namespace);
                if (e is not KubernetesTransportException && ++_refusals % RefusalsBeforeList == 0)
                {
                    _version = null;
                }
            }

            if (wait > TimeSpan.Zero && !await DelayAsync(wait, cancellationToken))
            {
                return;
            }
        }
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        (List<T> objects, string? version) = await ReadPagesAsync(cancellationToken);
        if (string.IsNullOrEmpty(version))
        {
            throw new KubernetesTransportException($"The list of {client.Definition.Plural} has no resourceVersion, so it cannot be watched.");
        }

        sink.Replace(_namespace, objects, version);
        InformerLog.Listed(logger, objects.Count, client.Definition.Plural, _namespace, version);
        return version;
    }

    private async Task<(List<T> Objects, string? Version)> ReadPagesAsync(CancellationToken cancellationToken)
    {
        // Only once: a list after the watch has begun must not go back in time, and what the cache failed at, pages from etcd may not.
        ListOptions first = _fromCache ? scope with { ResourceVersion = "0" } : scope;
        _fromCache = false;
        KubernetesList<T> page = await client.ListPageAsync(first, cancellationToken);
        List<T> objects = page.Items.ConvertAll(sink.Trim);
        string? version = page.Metadata.ResourceVersion;
        while (page.Metadata.Continue is { Length: > 0 } token)
        {
            try
            {
                page = await client.ListPageAsync(scope with { Continue = token }, cancellationToken);
            }
            catch (GoneException)
            {
                // Reading the pages took longer than the server keeps their version: all at once then, which cannot expire.
                page = await client.ListPageAsync(scope with { Limit = null }, cancellationToken);
                return (page.Items.ConvertAll(sink.Trim), page.Metadata.ResourceVersion);
            }

            objects.AddRange(page.Items.ConvertAll(sink.Trim));
        }

        return (objects, version);
    }

    /// <returns>False if the watch was too short to be followed by the next at once.</returns>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        long start = timeProvider.GetTimestamp();
        TimeSpan duration = jitter.Between(ShortestWatch, LongestWatch);
        var options = new WatchOptions
        {
            Namespace = scope.Namespace,
            LabelSelector = scope.LabelSelector,
            ResourceVersion = _version,
            AllowBookmarks = true,
            TimeoutSeconds = (int)duration.TotalSeconds,
        };
        using var deadline = new CancellationTokenSource(duration + WatchGrace, timeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await foreach (WatchEvent<T> change in client.WatchAsync(options, either.Token))
            {
                sink.Apply(_namespace, change);
                _version = VersionOf(change) ?? _version;
                Recovered();
            }
        }
        catch (Exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            InformerLog.WatchDead(logger, client.Definition.Plural, _namespace);
        }
        catch (Exception) when (timeProvider.GetElapsedTime(start) >= LongEnough)
        {
            Recovered();
            throw;
        }

        if (timeProvider.GetElapsedTime(start) < TooShort)
        {
            return false;
        }

        Recovered();
        return true;
    }

    private void Recovered()
    {
        _backoff.Reset();
        _refusals = 0;
    }

    private static string? VersionOf(WatchEvent<T> change) => change switch
    {
        WatchEvent<T>.Added(var obj) => obj.Metadata.ResourceVersion,
        WatchEvent<T>.Modified(var obj) => obj.Metadata.ResourceVersion,
        WatchEvent<T>.Deleted(var obj) => obj.Metadata.ResourceVersion,
        WatchEvent<T>.Bookmark(var version) => version,
        _ => null,
    };

    private async Task<bool> DelayAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(wait, timeProvider, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
