using System.Text.Json.Nodes;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>What goes over the wire, whole.</summary>
public sealed class RequestTests
{
    private const string StoredSecret = """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"web","namespace":"shop","uid":"u1","resourceVersion":"7"}}""";
    private static readonly NamespacedName Web = new("shop", "web");

    private static Secret NewSecret => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "shop", Labels = new() { ["a"] = "b" } },
        Type = "kubernetes.io/tls",
        Data = new() { ["tls.crt"] = [1, 2, 255] },
    };

    private const string NewSecretJson =
        """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"web","namespace":"shop","labels":{"a":"b"}},"type":"kubernetes.io/tls","data":{"tls.crt":"AQL/"}}""";

    [Test]
    public async Task Get_names_the_object_in_the_path()
    {
        var server = new FakeApiServer().Answer(StoredSecret);
        var secret = await server.Client().Resource(CoreResources.Secrets).GetAsync(Web, default);

        Assert.That(server.OnlyRequest, Is.EqualTo(
            """
            GET https://api.test:6443/api/v1/namespaces/shop/secrets/web
            Accept: application/json
            User-Agent: certoperator


            """));
        Assert.That((secret.Metadata.Uid, secret.Metadata.ResourceVersion), Is.EqualTo(("u1", "7")));
    }

    [Test]
    public async Task Create_posts_the_object_to_the_collection()
    {
        var server = new FakeApiServer().Answer(StoredSecret);
        await server.Client().Resource(CoreResources.Secrets).CreateAsync(NewSecret, default);

        Assert.That(server.OnlyRequest, Is.EqualTo(
            $"""
            POST https://api.test:6443/api/v1/namespaces/shop/secrets
            Accept: application/json
            Content-Length: {NewSecretJson.Length}
            Content-Type: application/json
            User-Agent: certoperator

            {NewSecretJson}
            """));
    }

    [Test]
    public async Task A_token_is_asked_for_at_its_service_account_and_named_in_no_text()
    {
        var server = new FakeApiServer().Answer("""{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","metadata":{"creationTimestamp":null},"spec":{"audiences":["vault"]},"status":{"token":"a.b.c","expirationTimestamp":"2030-01-01T00:10:00Z"}}""");
        var request = new TokenRequest
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = "shop" },
            Spec = new TokenRequestSpec { Audiences = ["vault"], ExpirationSeconds = 600 },
        };
        var answer = await server.Client().Resource(ServiceAccountResources.TokenRequests).CreateAsync(request, default);

        const string Body = """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","metadata":{"name":"web","namespace":"shop"},"spec":{"audiences":["vault"],"expirationSeconds":600}}""";
        Assert.That(server.OnlyRequest, Is.EqualTo(
            $"""
            POST https://api.test:6443/api/v1/namespaces/shop/serviceaccounts/web/token
            Accept: application/json
            Content-Length: {Body.Length}
            Content-Type: application/json
            User-Agent: certoperator

            {Body}
            """));
        Assert.That(answer.Status!.Token, Is.EqualTo("a.b.c"));
        Assert.That(answer.Status.ToString(), Does.Not.Contain("a.b.c"));
    }

    [Test]
    public async Task Update_puts_the_object()
    {
        var server = new FakeApiServer().Answer(StoredSecret);
        await server.Client().Resource(CoreResources.Secrets).UpdateAsync(NewSecret, default);

        Assert.That(server.OnlyRequest, Does.StartWith("PUT https://api.test:6443/api/v1/namespaces/shop/secrets/web\n").And.EndsWith($"\n\n{NewSecretJson}"));
    }

    [Test]
    public async Task Status_is_updated_at_its_subresource()
    {
        var server = new FakeApiServer().Answer("""{"kind":"Gadget","apiVersion":"gadgets.test/v1alpha1","metadata":{"name":"g"},"size":3}""");
        var gadget = await server.Client().Resource(Gadget.Definition).UpdateStatusAsync(new Gadget { Metadata = { Name = "g" } }, default);

        Assert.That(server.OnlyRequest, Is.EqualTo(
            """
            PUT https://api.test:6443/apis/gadgets.test/v1alpha1/gadgets/g/status
            Accept: application/json
            Content-Length: 78
            Content-Type: application/json
            User-Agent: certoperator

            {"apiVersion":"gadgets.test/v1alpha1","kind":"Gadget","metadata":{"name":"g"}}
            """));
        Assert.That(gadget.Size, Is.EqualTo(3));
    }

    [TestCase(false, "fieldManager=cert%20operator")]
    [TestCase(true, "fieldManager=cert%20operator&force=true")]
    public async Task Apply_patches_with_the_object_as_it_is(bool force, string query)
    {
        var server = new FakeApiServer().Answer(StoredSecret);
        await server.Client().Resource(CoreResources.Secrets).ApplyAsync(NewSecret, "cert operator", force, default);

        Assert.That(server.OnlyRequest, Is.EqualTo(
            $"""
            PATCH https://api.test:6443/api/v1/namespaces/shop/secrets/web?{query}
            Accept: application/json
            Content-Length: {NewSecretJson.Length}
            Content-Type: application/apply-patch+yaml
            User-Agent: certoperator

            {NewSecretJson}
            """));
    }

    [Test]
    public async Task Merge_patch_is_sent_as_given()
    {
        var server = new FakeApiServer().Answer(StoredSecret);
        await server.Client().Resource(CoreResources.Secrets).PatchAsync(Web, Patch.Merge("""{"metadata":{"labels":{"a":null}}}"""), null, default);

        Assert.That(server.OnlyRequest, Is.EqualTo(
            """
            PATCH https://api.test:6443/api/v1/namespaces/shop/secrets/web
            Accept: application/json
            Content-Length: 34
            Content-Type: application/merge-patch+json
            User-Agent: certoperator

            {"metadata":{"labels":{"a":null}}}
            """));
    }

    [Test]
    public async Task Json_patch_holds_its_operations_in_order()
    {
        var server = new FakeApiServer().Answer(StoredSecret);
        var label = JsonPatchOperation.PathOf("metadata", "labels", "certoperator.io/a~b");
        await server.Client().Resource(CoreResources.Secrets).PatchAsync(
            Web,
            Patch.Json(
                JsonPatchOperation.Test("/metadata/resourceVersion", "7"),
                JsonPatchOperation.Add(label, "x"),
                JsonPatchOperation.Replace("/data", new JsonObject { ["k"] = "dg==" }),
                JsonPatchOperation.Replace("/immutable", null),
                JsonPatchOperation.Move("/a", "/b"),
                JsonPatchOperation.Copy("/c", "/d"),
                JsonPatchOperation.Remove("/type")),
            "status",
            default);

        var parts = server.OnlyRequest.Split("\n\n");
        Assert.That(parts[0], Does.StartWith("PATCH https://api.test:6443/api/v1/namespaces/shop/secrets/web/status\n").And.Contain("Content-Type: application/json-patch+json\n"));
        Assert.That(parts[1], Is.EqualTo(
            """
            [{"op":"test","path":"/metadata/resourceVersion","value":"7"},
            {"op":"add","path":"/metadata/labels/certoperator.io~1a~0b","value":"x"},
            {"op":"replace","path":"/data","value":{"k":"dg=="}},
            {"op":"replace","path":"/immutable","value":null},
            {"op":"move","path":"/b","from":"/a"},
            {"op":"copy","path":"/d","from":"/c"},
            {"op":"remove","path":"/type"}]
            """.ReplaceLineEndings("")));
    }

    [Test]
    public async Task Delete_without_options_has_no_body()
    {
        var server = new FakeApiServer().Answer("""{"kind":"Status","status":"Success"}""");
        await server.Client().Resource(CoreResources.Secrets).DeleteAsync(Web, null, default);

        Assert.That(server.OnlyRequest, Is.EqualTo(
            """
            DELETE https://api.test:6443/api/v1/namespaces/shop/secrets/web
            Accept: application/json
            User-Agent: certoperator


            """));
    }

    [Test]
    public async Task Delete_carries_its_preconditions()
    {
        var server = new FakeApiServer().Answer(StoredSecret);
        var options = DeleteOptions.OnlyIf("u1", "7");
        options.PropagationPolicy = "Background";
        await server.Client().Resource(CoreResources.Secrets).DeleteAsync(Web, options, default);

        Assert.That(server.OnlyRequest, Does.EndWith(
            "\n\n" + """{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u1","resourceVersion":"7"},"propagationPolicy":"Background"}"""));
    }

    [Test]
    public async Task List_says_what_it_wants_in_the_query()
    {
        var server = new FakeApiServer().Answer("""{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":null}""");
        var options = new ListOptions
        {
            Namespace = "shop",
            LabelSelector = "a in (b, c)",
            FieldSelector = "metadata.name=web",
            Limit = 20,
            ResourceVersion = "5",
            ResourceVersionMatch = "NotOlderThan",
        };
        var page = await server.Client().Resource(CoreResources.Secrets).ListPageAsync(options, default);

        Assert.That(server.Urls, Is.EqualTo(new[]
        {
            "GET https://api.test:6443/api/v1/namespaces/shop/secrets?labelSelector=a%20in%20%28b%2C%20c%29&fieldSelector=metadata.name%3Dweb"
            + "&limit=20&resourceVersion=5&resourceVersionMatch=NotOlderThan",
        }));
        Assert.That((page.Metadata.ResourceVersion, page.Items.Count), Is.EqualTo(("9", 0)));
    }

    [Test]
    public async Task Watch_says_what_it_wants_in_the_query()
    {
        var server = new FakeApiServer().Answer("");
        var options = new WatchOptions { LabelSelector = "a", FieldSelector = "b=c", ResourceVersion = "5", TimeoutSeconds = 300 };
        await foreach (var _ in server.Client().Resource(CoreResources.Secrets).WatchAsync(options, default))
        {
            Assert.Fail("nothing was sent");
        }

        Assert.That(server.Urls, Is.EqualTo(new[]
        {
            "GET https://api.test:6443/api/v1/secrets?watch=true&labelSelector=a&fieldSelector=b%3Dc&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=300",
        }));
    }

    [Test]
    public async Task Server_below_a_path_is_spoken_to_there()
    {
        var server = new FakeApiServer().Answer("ok");
        var configuration = new KubernetesClientConfiguration { Server = new Uri("https://gate.test/clusters/one/") };
        var text = await server.Client(configuration: configuration).GetRawAsync("/readyz?verbose", default);

        Assert.That(server.Urls, Is.EqualTo(new[] { "GET https://gate.test/clusters/one/readyz?verbose" }));
        Assert.That(text, Is.EqualTo("ok"));
    }

    [TestCase("", "web")]
    [TestCase("shop", "")]
    [TestCase("shop", "..")]
    [TestCase("..", "web")]
    public void Names_that_lead_elsewhere_are_refused(string ns, string name)
    {
        var secrets = new FakeApiServer().Client().Resource(CoreResources.Secrets);

        Assert.That(() => secrets.GetAsync(new NamespacedName(ns, name), default), Throws.InstanceOf<ArgumentException>());
    }

    [TestCase(".")]
    [TestCase("..")]
    public async Task Nothing_is_found_by_a_name_that_leads_elsewhere(string name)
    {
        var server = new FakeApiServer();

        Assert.That(await server.Client().Resource(CoreResources.Secrets).FindAsync(new NamespacedName("shop", name), default), Is.Null);
        Assert.That(server.Urls, Is.Empty);
    }

    [Test]
    public async Task Name_with_a_slash_stays_one_segment()
    {
        var server = new FakeApiServer().Answer(StoredSecret);
        await server.Client().Resource(CoreResources.Secrets).GetAsync(new NamespacedName("shop", "a/../b?c"), default);

        Assert.That(server.Urls, Is.EqualTo(new[] { "GET https://api.test:6443/api/v1/namespaces/shop/secrets/a%2F..%2Fb%3Fc" }));
    }
}
