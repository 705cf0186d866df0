using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using CertOperator.Kubernetes.Schema;
using CertOperator.Kubernetes.Tests.Client;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Schema;

/// <summary>What the API server makes of a generated definition.</summary>
public sealed class CrdOnApiServerTests : ApiServerTests
{
    private HttpClient _http = null!;

    [OneTimeSetUp]
    public async Task InstallAsync()
    {
        _http = ControlPlane.CreateAdminClient();
        await InstallAsync(typeof(Widget));
        await InstallAsync(typeof(Lamp));
    }

    [OneTimeTearDown]
    public void CloseClient() => _http.Dispose();

    [Test]
    public async Task A_good_object_is_kept_and_fields_that_nobody_declared_are_not()
    {
        var (status, stored) = await CreateAsync("""
            {"host": "www.example.com", "size": 10, "colour": "deep-blue", "answer": "8402", "names": ["a"], "labels": {"a": "b"}, "port": "http",
             "blob": "aGk=", "odd_name": 5, "parts": [{"name": "p", "weight": 0.5, "extra": 1}], "unknown": true, "anything": {"goes": [1]}}
            """);

        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), stored.ToJsonString());
        var spec = stored["spec"]!;
        Assert.Multiple(() =>
        {
            Assert.That(spec["unknown"], Is.Null);
            Assert.That(spec["parts"]![0]!["extra"], Is.Null);
            Assert.That(spec["anything"]!.ToJsonString(), Is.EqualTo("""{"goes":[1]}"""));
            Assert.That(spec["suspend"], Is.Null, "nothing is defaulted");
            Assert.That((int)spec["odd_name"]!, Is.EqualTo(5));
        });
    }

    [TestCase("""{}""", "spec.host", TestName = "A_required_field_that_is_missing_is_refused")]
    [TestCase("""{"host": "Upper"}""", "spec.host", TestName = "A_text_that_does_not_fit_its_pattern_is_refused")]
    [TestCase("""{"host": ""}""", "spec.host", TestName = "A_text_that_is_too_short_is_refused")]
    [TestCase("""{"host": null}""", "spec.host", TestName = "Null_is_refused")]
    [TestCase("""{"host": "a", "size": 0}""", "spec.size", TestName = "A_number_below_its_range_is_refused")]
    [TestCase("""{"host": "a", "size": 11}""", "spec.size", TestName = "A_number_above_its_range_is_refused")]
    [TestCase("""{"host": "a", "size": "4"}""", "spec.size", TestName = "A_text_for_a_number_is_refused")]
    [TestCase("""{"host": "a", "colour": "Blue"}""", "spec.colour", TestName = "An_unknown_enum_value_is_refused")]
    [TestCase("""{"host": "a", "answer": "maybe"}""", "spec.answer", TestName = "A_value_outside_a_closed_set_is_refused")]
    [TestCase("""{"host": "a", "names": [""]}""", "spec.names", TestName = "An_item_that_is_too_short_is_refused")]
    [TestCase("""{"host": "a", "labels": {"a": "long"}}""", "spec.labels.a", TestName = "A_dictionary_value_that_is_too_long_is_refused")]
    [TestCase("""{"host": "a", "labels": {"a": "1", "b": "2", "c": "3"}}""", "spec.labels", TestName = "Too_many_dictionary_entries_are_refused")]
    [TestCase("""{"host": "a", "port": true}""", "spec.port", TestName = "A_boolean_for_an_int_or_string_is_refused")]
    [TestCase("""{"host": "a", "blob": "not base64!"}""", "spec.blob", TestName = "Bytes_that_are_no_base64_are_refused")]
    [TestCase("""{"host": "a", "parts": [{"weight": 1}]}""", "spec.parts", TestName = "A_required_field_of_an_item_is_required")]
    public async Task Refused(string spec, string field)
    {
        var (status, answer) = await CreateAsync(spec);

        Assert.That(status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.ToJsonString());
        Assert.That(answer["details"]!["causes"]!.AsArray().Select(c => (string?)c!["field"]), Has.Some.StartsWith(field));
    }

    [Test]
    public async Task A_list_that_is_too_long_is_refused()
    {
        var names = string.Join(',', Enumerable.Repeat("\"a\"", 101));

        Assert.That((await CreateAsync($$"""{"host": "a", "names": [{{names}}]}""")).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    [Test]
    public async Task Status_is_written_through_its_own_path_alone_and_checked_there()
    {
        var (_, created) = await CreateAsync("""{"host": "a"}""");
        var name = (string)created["metadata"]!["name"]!;
        const string Condition = """{"type": "Ready", "status": "True", "reason": "Fine", "message": "All is well.", "lastTransitionTime": "2030-01-01T00:00:00Z"}""";
        var maybeTrue = Condition.Replace("\"True\"", "\"Maybe\"", StringComparison.Ordinal);

        var plain = await PatchAsync(name, "", Conditions(Condition));
        var own = await PatchAsync(name, "/status", Conditions(Condition));
        var maybe = await PatchAsync(name, "/status", Conditions(maybeTrue));

        Assert.That(own.Status, Is.EqualTo(HttpStatusCode.OK), own.Answer.ToJsonString());
        Assert.Multiple(() =>
        {
            Assert.That((plain.Status, plain.Answer["status"]), Is.EqualTo((HttpStatusCode.OK, (JsonNode?)null)));
            Assert.That((string?)own.Answer["status"]!["conditions"]![0]!["type"], Is.EqualTo("Ready"));
            Assert.That(maybe.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        });
    }

    [Test]
    public async Task Conditions_that_two_writers_apply_stand_side_by_side()
    {
        var (_, answer) = await SendAsync(
            HttpMethod.Post, "lamps", "application/json",
            """{"apiVersion": "test.certoperator.io/v1alpha1", "kind": "Lamp", "metadata": {"name": "l"}}""");
        foreach (var type in new[] { "Ready", "Stalled" })
        {
            (var status, answer) = await SendAsync(HttpMethod.Patch, $"lamps/l/status?fieldManager={type}", "application/apply-patch+yaml", $$$"""
                {"apiVersion": "test.certoperator.io/v1alpha1", "kind": "Lamp", "metadata": {"name": "l"}, "status": {"conditions": [
                  {"type": "{{{type}}}", "status": "True", "reason": "Fine", "message": "All is well.", "lastTransitionTime": "2030-01-01T00:00:00Z"}]}}
                """);
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK), answer.ToJsonString());
        }

        Assert.That(
            answer["status"]!["conditions"]!.AsArray().Select(c => (string?)c!["type"]), Is.EquivalentTo(new[] { "Ready", "Stalled" }));
    }

    [Test]
    public async Task Kubectl_prints_the_columns_knows_the_short_name_and_explains_the_fields()
    {
        await CreateAsync("""{"host": "www.example.com", "size": 3}""");

        var table = await ControlPlane.KubectlAsync(["get", "wdg", "-n", Namespace, "-o", "wide"]);
        var explained = await Eventually.GetAsync(
            ct => ControlPlane.KubectlAsync(["explain", "widgets.spec.size"], ct: ct), _ => true, TimeSpan.FromSeconds(60), "the published schema");

        Assert.Multiple(() =>
        {
            Assert.That(table, Does.Match(@"NAME +HOST +SIZE +AGE\n\S+ +www\.example\.com +3 +"));
            Assert.That(explained, Does.Contain("How big it is. Default: 4."));
        });
    }

    private async Task InstallAsync(Type entity)
    {
        var definition = CrdGenerator.Generate(entity, XmlDocumentation.ForAssemblies(entity.Assembly, typeof(Condition).Assembly));
        var definitions = Client.Resource(SchemaResources.CustomResourceDefinitions);
        await definitions.ApplyAsync(definition, "tests", force: true, CancellationToken.None);
        var established = await Eventually.GetAsync(
            ct => definitions.GetAsync(new NamespacedName("", definition.Metadata.Name), ct),
            d => d.Status?.Conditions?.Exists(c => c is { Type: "Established", Status: "True" }) is true,
            TimeSpan.FromSeconds(30),
            "the kind to be served");
        Assert.That(established.Status!.Conditions!.Select(c => c.Type), Does.Not.Contain("NonStructuralSchema"));
        var path = new Uri($"/apis/{definition.Spec.Group}/v1alpha1/{definition.Spec.Names.Plural}", UriKind.Relative);
        await Eventually.TrueAsync(
            async ct => (await _http.GetAsync(path, ct)).IsSuccessStatusCode, TimeSpan.FromSeconds(30), "the kind's path to be answered");
    }

    private static string Conditions(string condition) => $$$"""{"status": {"conditions": [{{{condition}}}]}}""";

    private Task<(HttpStatusCode Status, JsonNode Answer)> CreateAsync(string spec) => SendAsync(
        HttpMethod.Post, "widgets", "application/json",
        $$$"""{"apiVersion": "test.certoperator.io/v1alpha1", "kind": "Widget", "metadata": {"generateName": "w-"}, "spec": {{{spec}}}}""");

    private Task<(HttpStatusCode Status, JsonNode Answer)> PatchAsync(string name, string subresource, string patch) =>
        SendAsync(HttpMethod.Patch, $"widgets/{name}{subresource}", "application/merge-patch+json", patch);

    private async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(HttpMethod method, string path, string type, string body)
    {
        using var request = new HttpRequestMessage(
            method, new Uri($"/apis/test.certoperator.io/v1alpha1/namespaces/{Namespace}/{path}", UriKind.Relative));
        request.Content = new StringContent(body, MediaTypeHeaderValue.Parse(type));
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
