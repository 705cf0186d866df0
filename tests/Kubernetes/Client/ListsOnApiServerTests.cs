using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

public sealed class ListsOnApiServerTests : ApiServerTests
{
    [Test]
    public async Task Many_objects_come_in_pages()
    {
        const int Count = 1200;
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, ct) =>
            await ConfigMaps.CreateAsync(NewConfigMap($"m{i:D4}"), ct));
        var expected = Enumerable.Range(0, Count).Select(i => $"m{i:D4}");

        Assert.That(await NamesAsync(new ListOptions { Namespace = Namespace }), Is.EqualTo(expected));
        Assert.That(await NamesAsync(new ListOptions { Namespace = Namespace, Limit = 7 }), Is.EqualTo(expected));

        var page = await ConfigMaps.ListPageAsync(new ListOptions { Namespace = Namespace, Limit = 500 }, default);
        Assert.That((page.Items.Count, page.Metadata.RemainingItemCount), Is.EqualTo((500, (long?)700)));
        Assert.That(page.Metadata.ResourceVersion, Is.Not.Empty);
    }

    [Test]
    public async Task Selectors_choose()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            var map = NewConfigMap(name);
            map.Metadata.Labels = new() { ["is"] = name };
            await ConfigMaps.CreateAsync(map, default);
        }

        Assert.That(await NamesAsync(new ListOptions { Namespace = Namespace, LabelSelector = "is in (a,c)" }), Is.EqualTo(new[] { "a", "c" }));
        Assert.That(await NamesAsync(new ListOptions { Namespace = Namespace, FieldSelector = "metadata.name=b" }), Is.EqualTo(new[] { "b" }));
        Assert.That(await NamesAsync(new ListOptions { LabelSelector = "is=b" }), Does.Contain("b"));
    }

    [Test]
    public async Task Metadata_comes_without_the_data_and_of_one_type_alone()
    {
        var secrets = Client.Resource(CoreResources.Secrets);
        await secrets.CreateAsync(new Secret { Metadata = { Name = "plain", Namespace = Namespace }, Data = new() { ["k"] = [1] } }, default);
        foreach (var name in new[] { "a", "b", "c" })
        {
            await secrets.CreateAsync(new Secret { Metadata = { Name = name, Namespace = Namespace }, Type = "kubernetes.io/tls", Data = new() { ["tls.crt"] = [2], ["tls.key"] = [3] } }, default);
        }

        List<(string Name, bool IsVersioned)> listed = [];
        await foreach (var metadata in Client.Resource(CoreResources.SecretMetadata).ListAsync(new ListOptions { Namespace = Namespace, FieldSelector = "type=kubernetes.io/tls", Limit = 2 }, default))
        {
            listed.Add((metadata.Metadata.Name, metadata.Metadata is { Uid.Length: > 0, ResourceVersion.Length: > 0 }));
        }

        Assert.That(listed, Is.EqualTo(new[] { ("a", true), ("b", true), ("c", true) }));
        Assert.That((await Client.Resource(CoreResources.TlsCertificates).GetAsync(Name("a"), default)).Data!.Certificate, Is.EqualTo(new byte[] { 2 }));
    }

    private async Task<List<string>> NamesAsync(ListOptions options)
    {
        var names = new List<string>();
        await foreach (var map in ConfigMaps.ListAsync(options, default))
        {
            names.Add(map.Metadata.Name);
        }

        return names;
    }
}
