using System.Globalization;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

public sealed class WatchesOnApiServerTests : ApiServerTests
{
    [Test]
    public async Task Changes_are_seen_in_order()
    {
        var start = (await ConfigMaps.ListPageAsync(new ListOptions { Namespace = Namespace }, default)).Metadata.ResourceVersion;
        await using var watch = ConfigMaps.WatchAsync(new WatchOptions { Namespace = Namespace, ResourceVersion = start, TimeoutSeconds = 60 }, default).GetAsyncEnumerator();
        var map = await ConfigMaps.CreateAsync(NewConfigMap("a", "ü"), default);
        map.Data!["key"] = "second";
        map = await ConfigMaps.UpdateAsync(map, default);
        await ConfigMaps.DeleteAsync(Name("a"), null, default);

        Assert.That(await NextAsync(watch), Is.InstanceOf<WatchEvent<ConfigMap>.Added>().With.Property("Object").Property("Data").EqualTo(new Dictionary<string, string> { ["key"] = "ü" }));
        Assert.That(await NextAsync(watch), Is.InstanceOf<WatchEvent<ConfigMap>.Modified>());
        var deleted = await NextAsync(watch) as WatchEvent<ConfigMap>.Deleted;
        Assert.That(deleted!.Object.Data!["key"], Is.EqualTo("second"));
        Assert.That(Number(deleted.Object.Metadata.ResourceVersion), Is.GreaterThan(Number(map.Metadata.ResourceVersion)));
    }

    [Test]
    public async Task Watch_without_a_version_begins_with_what_is_there()
    {
        await ConfigMaps.CreateAsync(NewConfigMap("a"), default);
        await using var watch = ConfigMaps.WatchAsync(new WatchOptions { Namespace = Namespace, TimeoutSeconds = 60 }, default).GetAsyncEnumerator();

        Assert.That(await NextAsync(watch), Is.InstanceOf<WatchEvent<ConfigMap>.Added>());
    }

    [Test]
    public async Task Bookmark_comes_before_the_server_ends_the_watch()
    {
        await ConfigMaps.CreateAsync(NewConfigMap("a"), default);
        var elsewhere = NewConfigMap("b");
        elsewhere.Metadata.Namespace = await ControlPlane.CreateNamespaceAsync();
        await using var watch = ConfigMaps.WatchAsync(new WatchOptions { Namespace = Namespace, TimeoutSeconds = 5 }, default).GetAsyncEnumerator();
        Assert.That(await NextAsync(watch), Is.InstanceOf<WatchEvent<ConfigMap>.Added>());

        // A change that the watch does not show, but that a later watch need not look at again.
        var newer = await ConfigMaps.CreateAsync(elsewhere, default);

        // One or several, as the server's clock falls.
        List<long> bookmarks = [];
        while (await NextAsync(watch) is { } next)
        {
            Assert.That(next, Is.InstanceOf<WatchEvent<ConfigMap>.Bookmark>());
            bookmarks.Add(Number(((WatchEvent<ConfigMap>.Bookmark)next).ResourceVersion));
        }

        Assert.That(bookmarks, Is.Not.Empty, "before the server ends the watch");
        Assert.That(bookmarks[^1], Is.GreaterThanOrEqualTo(Number(newer.Metadata.ResourceVersion)));
    }

    [Test]
    public async Task Version_that_was_compacted_is_gone()
    {
        // A control plane of its own: the history of all its objects is dropped.
        await using var own = await ControlPlane.StartAsync();
        using var client = Connect(own.KubeconfigPath);
        var maps = client.Resource(CoreResources.ConfigMaps);
        var first = await maps.CreateAsync(new ConfigMap { Metadata = { Name = "a", Namespace = "default" } }, default);
        for (var i = 0; i < 5; i++)
        {
            await maps.PatchAsync(new NamespacedName("default", "a"), Patch.Merge($$$"""{"data":{"i":"{{{i}}}"}}"""), null, default);
        }

        await own.CompactEtcdAsync();
        await own.StopApiServerAsync();
        await own.StartApiServerAsync();
        var options = new WatchOptions { Namespace = "default", ResourceVersion = first.Metadata.ResourceVersion, TimeoutSeconds = 30 };

        Assert.That(async () => await maps.WatchAsync(options, default).GetAsyncEnumerator().MoveNextAsync(), Throws.InstanceOf<GoneException>());
        Assert.That(
            () => maps.ListPageAsync(new ListOptions { ResourceVersion = first.Metadata.ResourceVersion, ResourceVersionMatch = "Exact" }, default),
            Throws.InstanceOf<GoneException>());
    }

    [Test]
    public async Task Server_that_is_killed_ends_the_watch_with_a_fault()
    {
        await using var own = await ControlPlane.StartAsync();
        using var client = Connect(own.KubeconfigPath);
        var maps = client.Resource(CoreResources.ConfigMaps);
        await maps.CreateAsync(new ConfigMap { Metadata = { Name = "a", Namespace = "default" } }, default);
        await using var watch = maps.WatchAsync(new WatchOptions { Namespace = "default" }, default).GetAsyncEnumerator();
        Assert.That(await NextAsync(watch), Is.InstanceOf<WatchEvent<ConfigMap>.Added>());
        await own.KillApiServerAsync();

        Assert.That(() => NextAsync(watch), Throws.InstanceOf<KubernetesTransportException>());
        Assert.That(() => maps.GetAsync(new NamespacedName("default", "a"), default), Throws.InstanceOf<KubernetesTransportException>());
        await own.StartApiServerAsync();
        Assert.That(await maps.FindAsync(new NamespacedName("default", "a"), default), Is.Not.Null);
    }

    [Test]
    public async Task Peer_that_falls_silent_is_noticed()
    {
        await using var relay = new TcpRelay(ControlPlane.Server);
        var direct = KubernetesClientConfiguration.Load(ControlPlane.KubeconfigPath);
        using var client = new KubernetesClient(
            new KubernetesClientConfiguration
            {
                Server = relay.Url,
                CertificateAuthority = direct.CertificateAuthority,
                Token = direct.Token,
                KeepAliveDelay = TimeSpan.FromSeconds(1),
                KeepAliveTimeout = TimeSpan.FromSeconds(1),
            },
            TimeProvider.System,
            new RecordingObserver());
        await ConfigMaps.CreateAsync(NewConfigMap("a"), default);
        await using var watch = client.Resource(CoreResources.ConfigMaps).WatchAsync(new WatchOptions { Namespace = Namespace }, default).GetAsyncEnumerator();
        Assert.That(await NextAsync(watch), Is.InstanceOf<WatchEvent<ConfigMap>.Added>());
        relay.FallSilent();

        Assert.That(() => NextAsync(watch), Throws.InstanceOf<KubernetesTransportException>());
    }

    private static async Task<WatchEvent<ConfigMap>?> NextAsync(IAsyncEnumerator<WatchEvent<ConfigMap>> watch) =>
        await watch.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System) ? watch.Current : null;

    private static long Number(string? version) => long.Parse(version!, CultureInfo.InvariantCulture);
}
