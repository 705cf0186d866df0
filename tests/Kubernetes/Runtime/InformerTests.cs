using System.Collections.Concurrent;
using CertOperator.TestSupport;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using static CertOperator.Kubernetes.Tests.Runtime.Objects;

namespace CertOperator.Kubernetes.Tests.Runtime;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class InformerTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeApi<ConfigMap> _api = new(CoreResources.ConfigMaps);
    private readonly FakeResource<ConfigMap> _client;
    private readonly RecordingLogger _logger = new();
    private readonly ConcurrentQueue<ObjectChange<ConfigMap>> _changes = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    public InformerTests() => _client = new FakeResource<ConfigMap>(_api, _clock);

    private static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    private IEnumerable<string> Story => _changes.Select(c => $"{c.Kind} {c.Object.Metadata.Name}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    [Test]
    public async Task It_lists_page_by_page_and_then_follows_the_watch()
    {
        foreach (string name in new[] { "a", "b", "c", "d", "e" })
        {
            _api.Create(Map(name));
        }

        Informer<ConfigMap> informer = await StartAsync(new InformerOptions { PageSize = 2 });
        Assert.That(_client.CallsOf("list").Select(c => c.Continue), Is.EqualTo(new[] { null, "2", "4" }));
        Assert.That(_changes.Select(c => (c.Kind, c.Origin, c.Priority)).Distinct(), Is.EqualTo(new[] { (ObjectChangeKind.Added, ObjectChangeOrigin.Initial, WorkPriority.Low) }));
        Assert.That(informer.Store.Count, Is.EqualTo(5));

        _api.Update(Map("a", value: "new"));
        _api.Delete(Key("b"));
        _api.Create(Map("f"));
        await ChangesAsync(8);

        Assert.That(Story.Skip(5), Is.EqualTo(new[] { "Modified a", "Deleted b", "Added f" }));
        Assert.That(_changes.Skip(5).Select(c => c.Priority).Distinct(), Is.EqualTo(new[] { WorkPriority.Normal }));
        Assert.That(_changes.ElementAt(5).Previous?.Data, Is.Null);
        Assert.That(informer.Store.Get(Key("a"))?.Data?["value"], Is.EqualTo("new"));
    }

    [Test]
    public async Task It_has_synced_only_after_handlers_heard_of_the_first_list()
    {
        _api.Create(Map("a"));
        bool syncedTooEarly = false;
        Informer<ConfigMap> informer = New(new InformerOptions());
        informer.Changed += _ => syncedTooEarly |= informer.HasSynced;
        informer.Changed += _changes.Enqueue;

        _run = informer.RunAsync(_stop.Token);
        await informer.WaitForSyncAsync(Ct);

        Assert.That(syncedTooEarly, Is.False);
        Assert.That(Story, Is.EqualTo(new[] { "Added a" }));
    }

    [Test]
    public async Task A_watch_that_the_server_ends_is_resumed_at_the_last_version_without_a_list()
    {
        await StartAsync(new InformerOptions());
        _api.Create(Map("a"));
        _api.Bookmark();
        string version = _api.Version;
        await ChangesAsync(1);
        _clock.Advance(TimeSpan.FromMinutes(5));

        _api.BreakWatches(null);
        await Eventually.TrueAsync(() => _client.CallsOf("watch").Count == 2, TimeSpan.FromSeconds(20), "the second watch", Ct);

        Assert.That(_client.CallsOf("watch")[1].ResourceVersion, Is.EqualTo(version));
        Assert.That(_client.CallsOf("list"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Only_its_first_list_may_come_from_the_cache_of_the_server()
    {
        await StartAsync(new InformerOptions { FirstListFromCache = true });
        _api.BreakWatches(new GoneException("compacted"));
        await AdvanceUntilAsync(() => _client.CallsOf("list").Count == 2);
        Assert.That(_client.CallsOf("list").Select(c => c.ResourceVersion), Is.EqualTo(new[] { "0", null }));
    }

    [Test]
    public async Task What_the_cache_of_the_server_failed_at_is_asked_of_etcd()
    {
        _api.Create(Map("a"));
        _client.Before = (verb, _) => verb == "list" && _client.CallsOf("list").Count == 1 ? Task.FromException(new KubernetesTransportException("too large")) : Task.CompletedTask;
        Informer<ConfigMap> informer = New(new InformerOptions { FirstListFromCache = true });
        _run = informer.RunAsync(_stop.Token);
        await AdvanceUntilAsync(() => informer.HasSynced);
        Assert.That(_client.CallsOf("list").Select(c => c.ResourceVersion), Is.EqualTo(new[] { "0", null }));
    }

    [Test]
    public async Task A_broken_watch_is_resumed_after_a_pause_and_misses_nothing()
    {
        await StartAsync(new InformerOptions());
        DateTimeOffset brokenAt = _clock.GetUtcNow();
        _api.BreakWatches(new KubernetesTransportException("connection reset"));
        _api.Create(Map("a"));
        _api.Delete(Key("a"));

        await AdvanceUntilAsync(() => _changes.Count == 2);

        Assert.That(Story, Is.EqualTo(new[] { "Added a", "Deleted a" }));
        Assert.That(_client.CallsOf("watch")[1].At - brokenAt, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(0.8)));
        Assert.That(_client.CallsOf("list"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task When_the_version_is_gone_it_lists_again_and_reports_what_changed_and_what_was_deleted()
    {
        _api.Create(Map("same"));
        _api.Create(Map("changed", value: "old"));
        _api.Create(Map("deleted", value: "last"));
        Informer<ConfigMap> informer = await StartAsync(new InformerOptions());
        _changes.Clear();
        _api.BreakWatches(new KubernetesTransportException("connection reset"));
        _api.Update(Map("changed", value: "new"));
        _api.Delete(Key("deleted"));
        _api.Create(Map("added"));
        _api.Compact();

        await AdvanceUntilAsync(() => _changes.Count == 3);

        Assert.That(Story, Is.EquivalentTo(new[] { "Modified changed", "Added added", "Deleted deleted" }));
        Assert.That(_changes.Single(c => c.Kind == ObjectChangeKind.Deleted).Object.Data?["value"], Is.EqualTo("last"));
        Assert.That(_changes.Select(c => c.Origin).Distinct(), Is.EqualTo(new[] { ObjectChangeOrigin.Live }));
        Assert.That(informer.Store.List().Select(o => o.Metadata.Name), Is.EquivalentTo(new[] { "same", "changed", "added" }));
    }

    [Test]
    public async Task A_page_whose_token_expired_leads_to_a_list_in_one_piece()
    {
        foreach (string name in new[] { "a", "b", "c" })
        {
            _api.Create(Map(name));
        }

        _api.TokensExpired = true;
        Informer<ConfigMap> informer = await StartAsync(new InformerOptions { PageSize = 2 });

        Assert.That(informer.Store.Count, Is.EqualTo(3));
    }

    [Test]
    public async Task While_the_server_is_away_the_pauses_grow_to_half_a_minute_and_it_recovers_by_itself()
    {
        Informer<ConfigMap> informer = await StartAsync(new InformerOptions());
        _client.Before = (_, _) => throw new KubernetesTransportException("connection refused");
        _api.BreakWatches(new KubernetesTransportException("connection reset"));
        await AdvanceUntilAsync(() => _client.CallsOf("watch").Count > 12);
        _client.Before = (_, _) => Task.CompletedTask;
        _api.Create(Map("a"));
        await AdvanceUntilAsync(() => informer.Store.Count == 1);

        TimeSpan[] pauses = [.. _client.CallsOf("watch").Skip(1).Zip(_client.CallsOf("watch").Skip(2), (a, b) => b.At - a.At)];
        Assert.That(pauses, Is.All.GreaterThanOrEqualTo(TimeSpan.FromSeconds(0.8)));
        Assert.That(pauses[^2], Is.GreaterThan(TimeSpan.FromSeconds(10)));
        Assert.That(_client.CallsOf("list"), Has.Count.EqualTo(1), "a server that cannot be reached says nothing about the version");
    }

    [Test]
    public async Task A_version_that_the_server_does_not_know_yet_leads_to_a_list_after_some_refusals()
    {
        _api.Create(Map("kept"));
        Informer<ConfigMap> informer = await StartAsync(new InformerOptions());
        _api.Create(Map("lost"));
        await ChangesAsync(2);

        _api.GoBackTo(50, Key("lost"));
        _api.BreakWatches(new KubernetesTransportException("connection reset"));
        await AdvanceUntilAsync(() => informer.Store.Count == 1);

        Assert.That(_client.CallsOf("list"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_first_list_that_fails_is_repeated_and_the_reason_logged()
    {
        int lists = 0;
        _client.Before = (verb, _) => verb == "list" && ++lists < 3 ? throw new ForbiddenException("configmaps is forbidden") : Task.CompletedTask;
        Informer<ConfigMap> informer = New(new InformerOptions());
        _run = informer.RunAsync(_stop.Token);

        await AdvanceUntilAsync(() => informer.HasSynced);

        Assert.That(_logger.Entries.Count(e => e.Level == LogLevel.Warning && e.Message.Contains("configmaps is forbidden", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public async Task A_watch_that_the_server_should_have_ended_is_given_up()
    {
        Informer<ConfigMap> informer = await StartAsync(new InformerOptions());

        _clock.Advance(TimeSpan.FromMinutes(11));
        await Eventually.TrueAsync(() => _client.CallsOf("watch").Count == 2, TimeSpan.FromSeconds(20), "the second watch", Ct);

        Assert.That(informer.HasSynced);
        Assert.That(_client.CallsOf("list"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_server_that_ends_every_watch_at_once_is_not_asked_in_a_busy_loop()
    {
        await StartAsync(new InformerOptions());
        for (int i = 0; i < 5; i++)
        {
            int watches = _client.CallsOf("watch").Count;
            _api.BreakWatches(null);
            await AdvanceUntilAsync(() => _client.CallsOf("watch").Count > watches && _api.OpenWatches == 1);
        }

        TimeSpan[] pauses = [.. _client.CallsOf("watch").Zip(_client.CallsOf("watch").Skip(1), (a, b) => b.At - a.At)];
        Assert.That(pauses, Is.All.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public async Task Several_namespaces_have_a_watch_each_and_one_store()
    {
        _api.Create(Map("a", ns: "one"));
        _api.Create(Map("a", ns: "two"));
        _api.Create(Map("a", ns: "three"));
        Informer<ConfigMap> informer = await StartAsync(new InformerOptions { Namespaces = ["one", "two", "one"] }, watches: 2);

        _api.Create(Map("b", ns: "two"));
        _api.Create(Map("b", ns: "three"));
        await ChangesAsync(3);

        Assert.That(_client.CallsOf("watch").Select(c => c.Target), Is.EquivalentTo(new[] { "one", "two" }));
        Assert.That(informer.Store.List().Select(o => NamespacedName.Of(o).ToString()), Is.EquivalentTo(new[] { "one/a", "two/a", "two/b" }));
    }

    [Test]
    public async Task An_object_that_loses_the_label_is_deleted_for_the_informer()
    {
        _api.Create(Map("a", labels: new() { ["app"] = "web" }));
        _api.Create(Map("b"));
        Informer<ConfigMap> informer = await StartAsync(new InformerOptions { LabelSelector = "app=web" });

        _api.Update(Map("a"));
        await ChangesAsync(2);

        Assert.That(Story, Is.EqualTo(new[] { "Added a", "Deleted a" }));
        Assert.That(informer.Store.Count, Is.Zero);
    }

    [Test]
    public async Task A_resync_tells_of_every_object_again_with_low_priority_and_asks_nobody()
    {
        _api.Create(Map("a"));
        await StartAsync(new InformerOptions { ResyncPeriod = TimeSpan.FromMinutes(1) });

        _clock.Advance(TimeSpan.FromMinutes(1));
        await ChangesAsync(2);

        ObjectChange<ConfigMap> change = _changes.Last();
        Assert.That((change.Kind, change.Origin, change.Priority), Is.EqualTo((ObjectChangeKind.Modified, ObjectChangeOrigin.Resync, WorkPriority.Low)));
        Assert.That(_client.Calls, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_late_handler_first_hears_of_what_is_there()
    {
        _api.Create(Map("a"));
        Informer<ConfigMap> informer = await StartAsync(new InformerOptions());
        var late = new ConcurrentQueue<string>();

        informer.Changed += c => late.Enqueue($"{c.Kind} {c.Object.Metadata.Name} {c.Origin}");
        _api.Create(Map("b"));
        await ChangesAsync(2);
        await Eventually.TrueAsync(() => late.Count == 2, TimeSpan.FromSeconds(20), "the late handler", Ct);

        Assert.That(late, Is.EqualTo(new[] { "Added a Initial", "Added b Live" }));
    }

    [Test]
    public async Task A_handler_that_throws_stops_nobody_and_a_removed_one_hears_nothing()
    {
        Informer<ConfigMap> informer = New(new InformerOptions());
        int removed = 0;
        void Removed(ObjectChange<ConfigMap> change) => removed++;
        informer.Changed += _ => throw new InvalidOperationException("broken handler");
        informer.Changed += Removed;
        informer.Changed += _changes.Enqueue;
        informer.Changed -= Removed;
        _run = informer.RunAsync(_stop.Token);

        _api.Create(Map("a"));
        _api.Create(Map("b"));
        await ChangesAsync(2);

        Assert.That(removed, Is.Zero);
        Assert.That(_logger.Entries.Count(e => e.Level == LogLevel.Error && e.Message.Contains("ns/", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public async Task The_store_has_a_change_before_handlers_hear_of_it()
    {
        Informer<ConfigMap> informer = New(new InformerOptions());
        var seen = new ConcurrentQueue<bool>();
        informer.Changed += c => seen.Enqueue(ReferenceEquals(informer.Store.Get(c.Key), c.Object));
        informer.Changed += _changes.Enqueue;
        _run = informer.RunAsync(_stop.Token);
        _api.Create(Map("a"));
        _api.Update(Map("a", value: "x"));

        await ChangesAsync(1);

        Assert.That(seen, Is.All.True);
    }

    [Test]
    public async Task A_read_after_a_write_sees_the_write_and_handlers_hear_of_it_once_from_the_watch()
    {
        ConfigMap created = _api.Create(Map("a"));
        Informer<ConfigMap> informer = await StartAsync(new InformerOptions());

        created.Data = new() { ["value"] = "mine" };
        informer.Store.Observe(_api.Update(created));
        Assert.That(informer.Store.Get(Key("a"))?.Data?["value"], Is.EqualTo("mine"));
        _api.Create(Map("last"));
        await ChangesAsync(3);

        Assert.That(Story, Is.EqualTo(new[] { "Added a", "Modified a", "Added last" }));
    }

    [Test]
    public void Options_without_sense_are_refused()
    {
        Assert.That(() => New(new InformerOptions { LabelSelector = "a b" }), Throws.TypeOf<FormatException>());
        Assert.That(() => New(new InformerOptions { Namespaces = [""] }), Throws.ArgumentException);
        Assert.That(() => New(new InformerOptions { PageSize = 0 }), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => New(new InformerOptions { ResyncPeriod = TimeSpan.Zero }), Throws.InstanceOf<ArgumentException>());
    }

    private Informer<ConfigMap> New(InformerOptions options) => new(_client, options, _clock, new Random(1), _logger);

    private async Task<Informer<ConfigMap>> StartAsync(InformerOptions options, int watches = 1)
    {
        Informer<ConfigMap> informer = New(options);
        informer.Changed += _changes.Enqueue;
        _run = informer.RunAsync(_stop.Token);
        await informer.WaitForSyncAsync(Ct);
        await _api.WhenAsync(() => _api.OpenWatches == watches, Ct);
        return informer;
    }

    private Task ChangesAsync(int count) =>
        Eventually.TrueAsync(() => _changes.Count >= count, TimeSpan.FromSeconds(20), $"{count} changes", Ct);

    private Task AdvanceUntilAsync(Func<bool> condition) => Steps.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), condition, Ct);
}
