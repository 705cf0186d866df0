using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes;

/// <summary>
/// Writes events.k8s.io/v1 Events in the background. Repetitions of an event become one Event with a series, whose
/// count is written now and then.
/// </summary>
public sealed partial class EventRecorder : IEventRecorder
{
    private const int MaxTries = 12;
    private const int MaxRemembered = 4096;

    private readonly EventRecorderOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Jitter _jitter;
    private readonly ILogger _logger;
    private readonly EventWriter _writer;
    private readonly Channel<EventOccurrence> _waiting;
    private readonly Dictionary<EventKey, RecordedEvent> _recorded = [];
    private readonly List<RecordedEvent> _dirty = [];
    private readonly List<EventOccurrence> _inHand = [];
    private long _dropped;

    public EventRecorder(IResourceClient<Event> client, EventRecorderOptions options, TimeProvider timeProvider, Random random, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _options = options;
        _timeProvider = timeProvider;
        _jitter = new Jitter(random);
        _logger = logger;
        _writer = new EventWriter(client, options, _jitter);
        _waiting = Channel.CreateBounded<EventOccurrence>(new BoundedChannelOptions(options.Capacity) { SingleReader = true });
    }

    /// <summary>Events that were not written: too many waited, or the API server refused them.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note, IKubernetesObject? related = null)
    {
        if (regarding is null || string.IsNullOrEmpty(regarding.Metadata.Name) || string.IsNullOrEmpty(reason))
        {
            Interlocked.Increment(ref _dropped);
            Incomplete(reason);
            return;
        }

        var key = new EventKey(
            EventSubject.Of(regarding),
            related is null ? null : EventSubject.Of(related),
            type,
            EventText.Word(reason),
            EventText.Word(string.IsNullOrEmpty(action) ? reason : action),
            EventText.Note(note ?? ""));
        if (!_waiting.Writer.TryWrite(new EventOccurrence(key, _timeProvider.GetUtcNow())))
        {
            Interlocked.Increment(ref _dropped);
            TooMany(key.Reason, key.Regarding.Kind, key.Regarding.Namespace, key.Regarding.Name);
        }
    }

    /// <summary>Writes events until it is cancelled; then writes what waits, within the time for that, and returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await WriteWaitingAsync(cancellationToken);
                await WriteSeriesAsync(_timeProvider.GetUtcNow() - _options.SeriesInterval, cancellationToken);
                await WaitAsync(cancellationToken);
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            _waiting.Writer.TryComplete();
        }

        using var deadline = new CancellationTokenSource(_options.DrainTimeout, _timeProvider);
        try
        {
            await WriteWaitingAsync(deadline.Token);
            await WriteSeriesAsync(DateTimeOffset.MaxValue, deadline.Token);
        }
        catch (Exception) when (deadline.IsCancellationRequested)
        {
            LeftOver(_waiting.Reader.Count + _inHand.Count + _dirty.Count);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (_dirty.Count == 0)
        {
            await _waiting.Reader.WaitToReadAsync(cancellationToken);
            return;
        }

        TimeSpan wait = _dirty.Min(r => r.LastWritten) + _options.SeriesInterval - _timeProvider.GetUtcNow();
        using var due = new CancellationTokenSource(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellationToken);
        try
        {
            await _waiting.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A series is due.
        }
    }

    private async Task WriteWaitingAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Fill();
            if (_inHand.Count == 0)
            {
                return;
            }

            // What a cancellation interrupts stays in hand and is written again while draining.
            await Task.WhenAll(_inHand.ToArray().Select(occurrence => WriteAsync(occurrence, cancellationToken)));
        }
    }

    /// <summary>Takes what can be written at the same time: one event each about different things, so that repetitions find what they repeat.</summary>
    private void Fill()
    {
        while (_inHand.Count < _options.Parallel
            && _waiting.Reader.TryPeek(out EventOccurrence? next)
            && !_inHand.Exists(o => o.Key == next.Key)
            && _waiting.Reader.TryRead(out next))
        {
            _inHand.Add(next);
        }
    }

    private async Task WriteAsync(EventOccurrence occurrence, CancellationToken cancellationToken)
    {
        RecordedEvent? recorded;
        lock (_recorded)
        {
            if (_recorded.TryGetValue(occurrence.Key, out recorded) && occurrence.At - recorded.Last <= _options.SeriesWindow)
            {
                if (!recorded.IsDirty)
                {
                    _dirty.Add(recorded);
                }

                recorded.Repeat(occurrence.At);
                _inHand.Remove(occurrence);
                return;
            }
        }

        recorded = new RecordedEvent(occurrence.Key, _writer.NewName(occurrence.Key, occurrence.At), occurrence.At);
        bool written = await TryAsync(ct => _writer.CreateAsync(recorded, ct), recorded, cancellationToken);
        lock (_recorded)
        {
            _inHand.Remove(occurrence);
            if (written)
            {
                ForgetOld();
                _recorded[occurrence.Key] = recorded;
            }
        }
    }

    private async Task WriteSeriesAsync(DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        for (int i = _dirty.Count - 1; i >= 0; i--)
        {
            RecordedEvent recorded = _dirty[i];
            if (recorded.LastWritten <= writtenBefore)
            {
                await TryAsync(ct => _writer.UpdateSeriesAsync(recorded, ct), recorded, cancellationToken);
                recorded.Written(_timeProvider.GetUtcNow());
                _dirty.RemoveAt(i);
            }
        }
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> write, RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var backoff = new RetryBackoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10), _jitter);
        while (true)
        {
            try
            {
                await write(cancellationToken);
                return true;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                TimeSpan wait = backoff.Next();
                bool mayPass = e is KubernetesTransportException or ServerUnavailableException or TooManyRequestsException or ConflictException;
                if (!mayPass || backoff.Failures == MaxTries)
                {
                    Interlocked.Increment(ref _dropped);
                    Refused(recorded.Key.Reason, recorded.Key.Regarding.Kind, recorded.Name, e.Message);
                    return false;
                }

                await Task.Delay(wait, _timeProvider, cancellationToken);
            }
        }
    }

    private void ForgetOld()
    {
        if (_recorded.Count < MaxRemembered)
        {
            return;
        }

        DateTimeOffset limit = _timeProvider.GetUtcNow() - _options.SeriesWindow;
        List<RecordedEvent> clean = [.. _recorded.Values.Where(r => !r.IsDirty).OrderBy(r => r.Last)];

        // All that are too old to be continued, and at least an eighth, so that this is not done for every event.
        foreach (RecordedEvent old in clean.Where((r, i) => r.Last < limit || i < MaxRemembered / 8))
        {
            _recorded.Remove(old.Key);
        }
    }
}
