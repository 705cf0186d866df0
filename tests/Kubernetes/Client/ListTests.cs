using System.Net;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

public sealed class ListTests
{
    private const string Gone = """{"kind":"Status","reason":"Expired","code":410,"metadata":{"continue":"newer"}}""";
    private const string GoneForGood = """{"kind":"Status","reason":"Expired","code":410,"metadata":{}}""";

    [Test]
    public async Task Pages_are_followed_by_their_tokens()
    {
        var server = new FakeApiServer().Answer(Page("t=1", "a", "b")).Answer(Page("t=2", "c")).Answer(Page("", "d"));
        var names = await NamesAsync(server, new ListOptions { Namespace = "shop", LabelSelector = "x", ResourceVersion = "0" });

        Assert.That(names, Is.EqualTo(new[] { "a", "b", "c", "d" }));
        Assert.That(server.Urls, Is.EqualTo(new[]
        {
            "GET https://api.test:6443/api/v1/namespaces/shop/secrets?labelSelector=x&limit=500&resourceVersion=0",
            "GET https://api.test:6443/api/v1/namespaces/shop/secrets?labelSelector=x&limit=500&continue=t%3D1",
            "GET https://api.test:6443/api/v1/namespaces/shop/secrets?labelSelector=x&limit=500&continue=t%3D2",
        }));
    }

    [Test]
    public async Task Expired_token_is_replaced_by_the_one_that_the_server_offers()
    {
        var server = new FakeApiServer().Answer(Page("old", "a")).Answer(HttpStatusCode.Gone, Gone).Answer(Page("", "b"));

        Assert.That(await NamesAsync(server, new ListOptions { Limit = 1 }), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(server.Urls[2], Does.EndWith("limit=1&continue=newer"));
    }

    [Test]
    public async Task Expired_token_without_another_starts_the_list_again()
    {
        var server = new FakeApiServer().Answer(Page("old", "a")).Answer(HttpStatusCode.Gone, GoneForGood).Answer(Page("", "a", "b"));

        Assert.That(await NamesAsync(server, new ListOptions { Limit = 1 }), Is.EqualTo(new[] { "a", "a", "b" }));
        Assert.That(server.Urls[2], Does.EndWith("secrets?limit=1"));
    }

    [Test]
    public void List_that_expires_again_and_again_is_given_up()
    {
        var server = new FakeApiServer();
        for (var i = 0; i < 5; i++)
        {
            server.Answer(Page("old", "a")).Answer(HttpStatusCode.Gone, GoneForGood);
        }

        Assert.That(() => NamesAsync(server, new ListOptions()), Throws.InstanceOf<GoneException>());
        Assert.That(server.Requests, Has.Count.EqualTo(8));
    }

    [Test]
    public async Task Items_get_the_kind_that_the_server_leaves_out()
    {
        var server = new FakeApiServer().Answer(Page("", "a", "b"));
        var page = await server.Client().Resource(CoreResources.Secrets).ListPageAsync(new ListOptions(), default);

        Assert.That(page.Items.Select(item => (item.Kind, item.ApiVersion)), Has.All.EqualTo(("Secret", "v1")));
        Assert.That(page.Items[1].Metadata.Namespace, Is.SameAs(page.Items[0].Metadata.Namespace));
    }

    [Test]
    public async Task Kinds_of_other_assemblies_are_listed_through_their_own_context()
    {
        var server = new FakeApiServer().Answer(
            """
            {"kind":"GadgetList","apiVersion":"gadgets.test/v1alpha1","metadata":{"resourceVersion":"3"},"items":[
            {"apiVersion":"gadgets.test/v1alpha1","kind":"Gadget","metadata":{"name":"g","creationTimestamp":"2024-01-01T00:00:00Z","managedFields":[{"manager":"m"}]},"size":4,"other":{"x":[1]}}]}
            """);
        var page = await server.Client().Resource(Gadget.Definition).ListPageAsync(new ListOptions { Namespace = "ignored-at-cluster-scope" }, default);

        Assert.That(server.Urls, Is.EqualTo(new[] { "GET https://api.test:6443/apis/gadgets.test/v1alpha1/gadgets" }));
        Assert.That((page.Items[0].Size, page.Items[0].Metadata.CreationTimestamp), Is.EqualTo((4, new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero))));
    }

    private static string Page(string token, params string[] names) =>
        $$"""{"kind":"SecretList","metadata":{"resourceVersion":"3","continue":"{{token}}"},"items":[{{string.Join(',', names.Select(n => $$$"""{"metadata":{"name":"{{{n}}}","namespace":"shop"}}"""))}}]}""";

    private static async Task<List<string>> NamesAsync(FakeApiServer server, ListOptions options)
    {
        var names = new List<string>();
        await foreach (var secret in server.Client().Resource(CoreResources.Secrets).ListAsync(options, default))
        {
            names.Add(secret.Metadata.Name);
        }

        return names;
    }
}
