using System.Collections.Concurrent;
using CertOperator.TestSupport;
using NUnit.Framework;
using static CertOperator.Kubernetes.Tests.Runtime.Objects;

namespace CertOperator.Kubernetes.Tests.Runtime;

[Category("Component")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(240_000)]
public sealed class InformerOnApiServerTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private readonly ConcurrentQueue<ObjectChange<ConfigMap>> _changes = new();
    private readonly RecordingLogger _logger = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    private static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    private IEnumerable<string> Story => _changes.Select(c => $"{c.Kind} {c.Object.Metadata.Name}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    [Test]
    public async Task It_reads_several_pages_and_sees_every_change_once_and_in_order()
    {
        ControlPlane controlPlane = await SharedControlPlane.GetAsync();
        string ns = await controlPlane.CreateNamespaceAsync(Ct);
        using KubernetesClient client = ApiServer.Connect(controlPlane);
        IResourceClient<ConfigMap> maps = client.Resource(CoreResources.ConfigMaps);
        for (int i = 0; i < 7; i++)
        {
            await maps.CreateAsync(Map($"m{i}", ns: ns), Ct);
        }

        Informer<ConfigMap> informer = await StartAsync(client, new InformerOptions { Namespaces = [ns], PageSize = 3 });
        Assert.That(informer.Store.Count, Is.EqualTo(7));
        _changes.Clear();
        ConfigMap map = informer.Store.Get(Key("m0", ns))!;
        for (int i = 0; i < 20; i++)
        {
            map = await maps.UpdateAsync(Map("m0", map.Metadata.ResourceVersion, ns, $"{i}"), Ct);
            informer.Store.Observe(map);
            Assert.That(informer.Store.Get(Key("m0", ns))?.Data?["value"], Is.EqualTo($"{i}"), "a write is read at once");
        }

        await maps.DeleteAsync(Key("m0", ns), null, Ct);
        await UntilAsync(() => _changes.Count == 21);

        Assert.That(_changes.Take(20).Select(c => c.Object.Data!["value"]), Is.EqualTo(Enumerable.Range(0, 20).Select(i => $"{i}")));
        Assert.That(_changes.Last().Kind, Is.EqualTo(ObjectChangeKind.Deleted));
        Assert.That(informer.Store.Observe(map), Is.False, "a late answer does not bring a deleted object back");
    }

    [Test]
    public async Task It_sees_only_its_namespaces()
    {
        ControlPlane controlPlane = await SharedControlPlane.GetAsync();
        string[] ns = [await controlPlane.CreateNamespaceAsync(Ct), await controlPlane.CreateNamespaceAsync(Ct), await controlPlane.CreateNamespaceAsync(Ct)];
        using KubernetesClient client = ApiServer.Connect(controlPlane);
        IResourceClient<ConfigMap> maps = client.Resource(CoreResources.ConfigMaps);
        await maps.CreateAsync(Map("before", ns: ns[0]), Ct);
        await maps.CreateAsync(Map("before", ns: ns[2]), Ct);
        Informer<ConfigMap> informer = await StartAsync(client, new InformerOptions { Namespaces = [ns[0], ns[1]] });

        await maps.CreateAsync(Map("after", ns: ns[2]), Ct);
        await maps.CreateAsync(Map("after", ns: ns[1]), Ct);
        await maps.CreateAsync(Map("after", ns: ns[0]), Ct);
        await UntilAsync(() => informer.Store.Count == 3);

        Assert.That(
            informer.Store.List().Select(o => (o.Metadata.Namespace, o.Metadata.Name)),
            Is.EquivalentTo(new[] { (ns[0], "before"), (ns[1], "after"), (ns[0], "after") }));
    }

    [Test]
    public async Task It_sees_only_objects_with_its_labels_and_their_loss_is_a_deletion()
    {
        ControlPlane controlPlane = await SharedControlPlane.GetAsync();
        string ns = await controlPlane.CreateNamespaceAsync(Ct);
        using KubernetesClient client = ApiServer.Connect(controlPlane);
        IResourceClient<ConfigMap> maps = client.Resource(CoreResources.ConfigMaps);
        Informer<ConfigMap> informer = await StartAsync(client, new InformerOptions { Namespaces = [ns], LabelSelector = "app in (web,api),!hidden" });

        await maps.CreateAsync(Map("other", ns: ns, labels: new() { ["app"] = "db" }), Ct);
        await maps.CreateAsync(Map("hidden", ns: ns, labels: new() { ["app"] = "web", ["hidden"] = "" }), Ct);
        ConfigMap web = await maps.CreateAsync(Map("web", ns: ns, labels: new() { ["app"] = "web" }), Ct);
        await UntilAsync(() => informer.Store.Count == 1);
        web.Metadata.Labels = null;
        ConfigMap unlabelled = await maps.UpdateAsync(web, Ct);
        await UntilAsync(() => informer.Store.Count == 0);

        Assert.That(Story, Is.EqualTo(new[] { "Added web", "Deleted web" }));
        Assert.That(informer.Store.Observe(unlabelled), Is.False);
    }

    [TestCase(false, false, TestName = "A_broken_connection_loses_no_change_and_is_resumed_without_a_list")]
    [TestCase(true, false, TestName = "A_restart_of_the_API_server_loses_no_change")]
    [TestCase(true, true, TestName = "A_restart_with_compacted_history_loses_no_change_and_no_deletion")]
    public async Task It_recovers_by_itself(bool restart, bool compact)
    {
        await using ControlPlane? own = restart ? await ControlPlane.StartAsync(Ct) : null;
        ControlPlane controlPlane = own ?? await SharedControlPlane.GetAsync();
        string ns = await controlPlane.CreateNamespaceAsync(Ct);
        using KubernetesClient client = ApiServer.Connect(controlPlane);
        using KubernetesClient writer = ApiServer.Connect(controlPlane);
        IResourceClient<ConfigMap> maps = writer.Resource(CoreResources.ConfigMaps);
        await maps.CreateAsync(Map("same", ns: ns), Ct);
        await maps.CreateAsync(Map("changed", ns: ns), Ct);
        await maps.CreateAsync(Map("deleted", ns: ns, value: "last"), Ct);
        await using var relay = new GatedResource<ConfigMap>(client.Resource(CoreResources.ConfigMaps));
        Informer<ConfigMap> informer = await StartAsync(relay, new InformerOptions { Namespaces = [ns] });
        _changes.Clear();

        // The informer is cut off while things change behind its back.
        relay.Close();
        await maps.UpdateAsync(Map("changed", ns: ns, value: "new"), Ct);
        await maps.DeleteAsync(Key("deleted", ns), null, Ct);
        await maps.CreateAsync(Map("added", ns: ns), Ct);
        if (restart)
        {
            await controlPlane.KillApiServerAsync(Ct);
        }

        if (compact)
        {
            await controlPlane.CompactEtcdAsync(Ct);
        }

        relay.Open();
        if (restart)
        {
            await controlPlane.StartApiServerAsync(Ct);
        }

        await UntilAsync(() => _changes.Count >= 3);
        await maps.CreateAsync(Map("live", ns: ns), Ct);
        await UntilAsync(() => informer.Store.Get(Key("live", ns)) is not null);

        Assert.That(Story, Is.EquivalentTo(new[] { "Modified changed", "Deleted deleted", "Added added", "Added live" }));
        Assert.That(_changes.Single(c => c.Kind == ObjectChangeKind.Deleted).Object.Data?["value"], Is.EqualTo("last"));
        Assert.That(informer.Store.List().Select(o => o.Metadata.Name), Is.EquivalentTo(new[] { "same", "changed", "added", "live" }));

        // A server that was restarted may have lost the history even without a compaction: its cache starts empty.
        Assert.That(relay.Gone, compact ? Is.Positive : restart ? Is.GreaterThanOrEqualTo(0) : Is.Zero);
    }

    private Task<Informer<ConfigMap>> StartAsync(KubernetesClient client, InformerOptions options) =>
        StartAsync(client.Resource(CoreResources.ConfigMaps), options);

    private async Task<Informer<ConfigMap>> StartAsync(IResourceClient<ConfigMap> client, InformerOptions options)
    {
        var informer = new Informer<ConfigMap>(client, options, TimeProvider.System, ApiServer.NewRandom(), _logger);
        informer.Changed += _changes.Enqueue;
        _run = informer.RunAsync(_stop.Token);
        await informer.WaitForSyncAsync(Ct);
        return informer;
    }

    private Task UntilAsync(Func<bool> condition) =>
        Eventually.TrueAsync(condition, Deadline, $"the expected state; so far: {string.Join(", ", Story)}; log: {string.Join(" | ", _logger.Entries.Select(e => e.Message))}", Ct);
}
