using System.Diagnostics;

namespace CertOperator.Benchmarks.World;

/// <summary>
/// Counts objects of which a watch has shown a state that is waited for. It only looks for texts in the lines, so that
/// watching takes little of the machine from what is measured.
/// </summary>
public sealed class WatchCounter : IAsyncDisposable
{
    private const string NameStart = "\"name\":\"";
    private readonly Func<string, bool> _counts;
    private readonly HttpResponseMessage _response;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);
    private readonly Task _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WatchCounter(HttpResponseMessage response, Func<string, bool> counts)
    {
        _response = response;
        _counts = counts;
        _reading = ReadAsync();
    }

    /// <summary>Starts to watch; what is there already comes first.</summary>
    public static async Task<WatchCounter> StartAsync(HttpClient client, string path, Func<string, bool> counts, CancellationToken cancellationToken)
    {
        var url = new Uri($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}watch=true&resourceVersion=0", UriKind.Relative);
        var response = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        return new WatchCounter(response, counts);
    }

    /// <summary>Waits until that many different objects were seen in the state.</summary>
    /// <returns>The <see cref="Stopwatch"/> time stamp at which the last of them was seen.</returns>
    public Task<long> CountedAsync(int count, TimeSpan deadline, CancellationToken cancellationToken)
        => WaitAsync(() => _seen.Count >= count ? _seen.Values.Max() : null, $"{count} objects", deadline, cancellationToken);

    /// <summary>Waits until an object was seen in the state.</summary>
    /// <returns>The <see cref="Stopwatch"/> time stamp at which it was seen first.</returns>
    public Task<long> SeenAsync(string name, TimeSpan deadline, CancellationToken cancellationToken)
        => WaitAsync(() => _seen.TryGetValue(name, out var at) ? at : null, name, deadline, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _response.Dispose();
        _stop.Dispose();
    }

    private async Task<long> WaitAsync(Func<long?> find, string what, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(deadline, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (find() is { } found)
                {
                    return found;
                }

                changed = _changed.Task;
            }

            if (_reading.IsCompleted)
            {
                await _reading;
                throw new InvalidOperationException("The API server ended the watch.");
            }

            try
            {
                await Task.WhenAny(changed, _reading).WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited for {what} for {deadline}; {_seen.Count} were seen.");
            }
        }
    }

    private async Task ReadAsync()
    {
        using var reader = new StreamReader(await _response.Content.ReadAsStreamAsync(_stop.Token));
        try
        {
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (!_counts(line))
                {
                    continue;
                }

                var now = Stopwatch.GetTimestamp();
                var start = line.IndexOf(NameStart, StringComparison.Ordinal) + NameStart.Length;
                var name = line[start..line.IndexOf('"', start)];
                TaskCompletionSource changed;
                lock (_lock)
                {
                    if (!_seen.TryAdd(name, now))
                    {
                        continue;
                    }

                    (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                }

                changed.TrySetResult();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody counts any more.
        }
    }
}
