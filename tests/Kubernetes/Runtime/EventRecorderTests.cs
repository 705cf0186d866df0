using System.Text;
using CertOperator.TestSupport;
using NUnit.Framework;
using static CertOperator.Kubernetes.Tests.Runtime.Objects;

namespace CertOperator.Kubernetes.Tests.Runtime;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class EventRecorderTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeApi<Event> _api = new(CoreResources.Events);
    private readonly FakeResource<Event> _client;
    private readonly RecordingLogger _logger = new();
    private readonly CancellationTokenSource _stop = new();
    private EventRecorder _recorder;
    private Task _run = Task.CompletedTask;

    public EventRecorderTests()
    {
        _client = new FakeResource<Event>(_api, _clock);
        _recorder = New();
    }

    private static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    private IReadOnlyList<Event> Written => _api.List(new ListOptions()).Items;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Steps.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), () => _run.IsCompleted, Ct);
        _stop.Dispose();
    }

    [Test]
    public async Task An_event_has_all_that_the_API_asks_for()
    {
        Start();
        ConfigMap map = Map("a");
        map.Metadata.Uid = "uid-a";

        _recorder.Record(map, EventType.Warning, "Broken", "Renew", "It is broken.", Map("b"));
        await WrittenAsync(1);

        Event written = Written[0];
        Assert.That(written.Metadata.Name, Does.Match("^a\\.[0-9a-f]+$"));
        Assert.That(written.Metadata.Namespace, Is.EqualTo("ns"));
        Assert.That(written.EventTime, Is.EqualTo(_clock.GetUtcNow()));
        Assert.That((written.Type, written.Reason, written.Action, written.Note), Is.EqualTo(("Warning", "Broken", "Renew", "It is broken.")));
        Assert.That((written.ReportingController, written.ReportingInstance), Is.EqualTo(("example.io/test", "pod-1")));
        Assert.That((written.Regarding!.Kind, written.Regarding.Name, written.Regarding.Namespace, written.Regarding.Uid, written.Regarding.ApiVersion), Is.EqualTo(("ConfigMap", "a", "ns", "uid-a", "v1")));
        Assert.That(written.Related!.Name, Is.EqualTo("b"));
        Assert.That(written.Series, Is.Null);
    }

    [Test]
    public async Task Repetitions_become_a_series_that_is_written_every_30_seconds_at_most()
    {
        Start();
        for (int i = 0; i < 100; i++)
        {
            _recorder.Record(Map("a"), EventType.Normal, "Same", "Renew", "again");
        }

        await WrittenAsync(1);
        Assert.That(_client.CallsOf("patch"), Is.Empty);
        await Steps.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(10), () => Written[0].Series is not null, Ct);

        Assert.That(Written[0].Series!.Count, Is.EqualTo(100));
        Assert.That(_client.CallsOf("patch")[0].At - Written[0].EventTime!.Value, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(30)));
        _recorder.Record(Map("a"), EventType.Normal, "Same", "Renew", "again");
        await Steps.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(10), () => Written[0].Series!.Count == 101, Ct);
        Assert.That(_client.CallsOf("patch")[1].At - _client.CallsOf("patch")[0].At, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(30)));
        Assert.That(Written, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Events_that_differ_are_events_of_their_own()
    {
        Start();
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "note");
        _recorder.Record(Map("b"), EventType.Normal, "R", "A", "note");
        _recorder.Record(Map("a"), EventType.Warning, "R", "A", "note");
        _recorder.Record(Map("a"), EventType.Normal, "R2", "A", "note");
        _recorder.Record(Map("a"), EventType.Normal, "R", "A2", "note");
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "other note");
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "note", Map("c"));

        await WrittenAsync(7);
    }

    [Test]
    public async Task After_six_minutes_of_silence_a_repetition_is_a_new_event()
    {
        Start();
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "note");
        await WrittenAsync(1);
        _clock.Advance(TimeSpan.FromMinutes(6.1));

        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "note");

        await WrittenAsync(2);
    }

    [Test]
    public async Task A_series_whose_event_has_expired_goes_on_in_a_new_one()
    {
        Start();
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "note");
        await WrittenAsync(1);
        _api.Delete(NamespacedName.Of(Written[0]));

        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "note");
        await Steps.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(10), () => Written.Count == 1, Ct);

        Assert.That(Written[0].Series!.Count, Is.EqualTo(2));
    }

    [Test]
    public async Task While_the_server_is_away_events_wait()
    {
        int calls = 0;
        _client.Before = (_, _) => ++calls < 4 ? throw new KubernetesTransportException("connection refused") : Task.CompletedTask;
        Start();
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "first");
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "second");

        await Steps.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), () => Written.Count == 2, Ct);

        Assert.That(_recorder.Dropped, Is.Zero);
    }

    [Test]
    public async Task A_write_whose_answer_was_lost_is_not_done_twice()
    {
        int calls = 0;
        _client.After = (_, _) => ++calls == 1 ? throw new KubernetesTransportException("connection reset") : Task.CompletedTask;
        Start();
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "first");
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "second");

        await Steps.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), () => Written.Count >= 2 && _client.CallsOf("create").Count == 3, Ct);

        Assert.That(Written, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_refused_event_is_dropped_with_the_reason_in_the_log_and_the_next_is_written()
    {
        int calls = 0;
        _client.Before = (_, _) => ++calls == 1 ? throw new ForbiddenException("events is forbidden") : Task.CompletedTask;
        Start();
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "first");
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "second");

        await WrittenAsync(1);

        Assert.That(_recorder.Dropped, Is.EqualTo(1));
        Assert.That(_logger.Entries.Single().Message, Does.Contain("events is forbidden"));
    }

    [Test]
    public void When_too_many_wait_the_newest_are_dropped_and_the_caller_never_waits()
    {
        for (int i = 0; i < 10_200; i++)
        {
            _recorder.Record(Map("a"), EventType.Normal, "R", "A", $"{i}");
        }

        Assert.That(_recorder.Dropped, Is.EqualTo(200));
    }

    [Test]
    public async Task At_the_end_what_waits_is_written_series_too()
    {
        Start();
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "note");
        await WrittenAsync(1);
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "note");
        _recorder.Record(Map("b"), EventType.Normal, "R", "A", "note");

        await _stop.CancelAsync();
        await _run.WaitAsync(Ct);

        Assert.That(Written.Select(e => e.Series?.Count), Is.EquivalentTo(new int?[] { 2, null }));
    }

    [Test]
    public async Task At_the_end_a_server_that_does_not_answer_is_not_waited_for_longer_than_allowed()
    {
        _client.Before = (_, ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        Start();
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "note");

        await _stop.CancelAsync();
        await Steps.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), () => _run.IsCompleted, Ct);

        Assert.That(_logger.Entries.Single().Message, Does.StartWith("1 events were not written"));
        _recorder.Record(Map("a"), EventType.Normal, "R", "A", "too late");
    }

    [Test]
    public void An_event_about_nothing_is_dropped_and_nothing_is_thrown()
    {
        _recorder.Record(null!, EventType.Normal, "R", "A", "note");
        _recorder.Record(new ConfigMap(), EventType.Normal, "R", "A", "note");
        _recorder.Record(Map("a"), EventType.Normal, "", "A", "note");

        Assert.That(_recorder.Dropped, Is.EqualTo(3));
    }

    [Test]
    public async Task Texts_that_are_too_long_are_cut()
    {
        Start();
        string longWord = new('W', 300);
        var map = Map(new string('n', 249) + "-.io");

        _recorder.Record(map, EventType.Normal, longWord, longWord, string.Concat(Enumerable.Repeat("é€😀", 500)));
        await WrittenAsync(1);

        Event written = Written[0];
        Assert.That((written.Reason!.Length, written.Action!.Length), Is.EqualTo((128, 128)));
        Assert.That(Encoding.UTF8.GetByteCount(written.Note!), Is.InRange(1020, 1024));
        Assert.That(written.Note, Does.EndWith("...").And.Not.Contain("\uFFFD"));
        Assert.That(written.Metadata.Name, Has.Length.LessThanOrEqualTo(253));
        Assert.That(written.Metadata.Name, Does.Match(@"^n+\.[0-9a-f]+$"));
    }

    [Test]
    public async Task An_event_about_an_object_of_cluster_scope_is_in_the_default_namespace()
    {
        Start();
        ConfigMap map = Map("a");
        map.Metadata.Namespace = null;

        _recorder.Record(map, EventType.Normal, "R", "A", "note");
        await WrittenAsync(1);

        Assert.That(Written[0].Metadata.Namespace, Is.EqualTo("default"));
    }

    [Test]
    public async Task Names_differ_even_in_the_same_moment()
    {
        _recorder = New(new Random(1));
        Start();
        for (int i = 0; i < 50; i++)
        {
            _recorder.Record(Map("a"), EventType.Normal, "R", "A", $"{i}");
        }

        await WrittenAsync(50);
    }

    private EventRecorder New(Random? random = null)
    {
        var options = new EventRecorderOptions { ReportingController = "example.io/test", ReportingInstance = "pod-1" };
        return new EventRecorder(_client, options, _clock, random ?? new Random(1), _logger);
    }

    private void Start() => _run = _recorder.RunAsync(_stop.Token);

    private Task WrittenAsync(int count) => _api.WhenAsync(() => Written.Count >= count, Ct);
}
