using System.Net;
using System.Text;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

public sealed class MetadataTests
{
    private static readonly string[] Accepts =
    [
        "Accept: application/json; as=PartialObjectMetadataList; g=meta.k8s.io; v=v1",
        "Accept: application/json; as=PartialObjectMetadata; g=meta.k8s.io; v=v1",
    ];

    [Test]
    public async Task A_list_and_a_read_of_metadata_accept_nothing_else()
    {
        const string Item = """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a","namespace":"shop","uid":"u","resourceVersion":"7","annotations":{"x":"y"},"managedFields":[{"manager":"m"}]}}""";
        var server = new FakeApiServer()
            .Answer($$"""{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"9"},"items":[{{Item}}]}""")
            .Answer(Item);
        var metadata = server.Client().Resource(CoreResources.SecretMetadata);

        var page = await metadata.ListPageAsync(new ListOptions { Namespace = "shop", FieldSelector = "type=kubernetes.io/tls", Limit = 2 }, default);
        var one = await metadata.GetAsync(new NamespacedName("shop", "a"), default);

        Assert.That(server.Urls, Is.EqualTo(new[]
        {
            "GET https://api.test:6443/api/v1/namespaces/shop/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls&limit=2",
            "GET https://api.test:6443/api/v1/namespaces/shop/secrets/a",
        }));
        Assert.That(server.Requests.Select(r => r.Split('\n').Single(l => l.StartsWith("Accept: ", StringComparison.Ordinal))), Is.EqualTo(Accepts));
        Assert.That((page.Items.Single().Metadata.Uid, one.Metadata.ResourceVersion, one.Metadata.Annotations!["x"]), Is.EqualTo(("u", "7", "y")));
    }

    [Test]
    public void A_server_that_cannot_leave_the_rest_out_is_not_asked_for_it()
    {
        var server = new FakeApiServer().Answer(HttpStatusCode.NotAcceptable, """{"kind":"Status","reason":"NotAcceptable","code":406}""");

        Assert.That(() => server.Client().Resource(CoreResources.SecretMetadata).ListPageAsync(new ListOptions(), default), Throws.InstanceOf<KubernetesException>());
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Of_a_TLS_Secret_the_certificate_is_read_and_the_key_is_not()
    {
        var server = new FakeApiServer().Answer(
            $$$"""{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a","namespace":"shop"},"data":{"tls.key":"{{{Base64("KEY")}}}","ca.crt":"","tls.crt":"{{{Base64("PEM")}}}"},"type":"kubernetes.io/tls"}""");

        var secret = await server.Client().Resource(CoreResources.TlsCertificates).GetAsync(new NamespacedName("shop", "a"), default);

        Assert.That(Encoding.UTF8.GetString(secret.Data!.Certificate!), Is.EqualTo("PEM"));
        Assert.That(typeof(TlsCertificateData).GetProperties(), Has.Length.EqualTo(1), "there is no place for a key");
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
