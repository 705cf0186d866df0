using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using CertOperator.EndToEnd.Harness;
using NUnit.Framework;

namespace CertOperator.EndToEnd.BadInput;

/// <summary>What the schemas keep out: it never becomes an object, so no operator ever sees it.</summary>
public sealed class RefusedByTheApiTests : ClusterTest
{
    [TestCase("""{"spec":{}}""", "spec.hostname")]
    [TestCase("""{"spec":null}""", "spec")]
    [TestCase("""{"spec":{"hostname":"a.example.com"}}""", "spec.secretName")]
    [TestCase("""{"spec":{"hostname":7,"secretName":"x"}}""", "spec.hostname")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","provider":"verisign"}}""", "spec.provider")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","challenge":"tls-alpn-01"}}""", "spec.challenge")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","key":{"algorithm":"DSA"}}}""", "spec.key.algorithm")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","key":{"rotation":"Sometimes"}}}""", "spec.key.rotation")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","keyBackend":"azure_hsm"}}""", "spec.keyBackend")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","outputs":[{"type":"Jks"}]}}""", "spec.outputs")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","renewBeforePercentage":0}}""", "spec.renewBeforePercentage")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","renewBeforePercentage":99999999999}}""", "spec.renewBeforePercentage")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","renewBefore":720}}""", "spec.renewBefore")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","historyLimit":0}}""", "spec.historyLimit")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","suspend":"yes"}}""", "spec.suspend")]
    [TestCase("""{"spec":{"hostname":"a.example.com","secretName":"x","verify":{"timeoutSeconds":-1}}}""", "spec.verify.timeoutSeconds")]
    public async Task A_field_that_no_policy_may_have_is_named(string policy, string field) =>
        await AssertRefusedAsync("certificaterenewalpolicies", policy, field);

    [TestCase("""{"spec":{}}""", "spec.policyRef")]
    [TestCase("""{"spec":{"policyRef":{}}}""", "spec.policyRef.name")]
    [TestCase("""{"spec":{"policyRef":{"name":"www"},"mode":"Pretend"}}""", "spec.mode")]
    [TestCase("""{"spec":{"policyRef":{"name":"www"},"trigger":"Whim"}}""", "spec.trigger")]
    public async Task A_field_that_no_run_may_have_is_named(string run, string field) =>
        await AssertRefusedAsync("certificaterenewalruns", run, field);

    [TestCase("""{"spec":null}""", "spec")]
    [TestCase("""{"spec":{"mode":"Maybe"}}""", "spec.mode")]
    [TestCase("""{"spec":{"strategy":"Cheapest"}}""", "spec.strategy")]
    [TestCase("""{"spec":{"maxConcurrent":0}}""", "spec.maxConcurrent")]
    [TestCase("""{"spec":{"maxConcurrent":-1}}""", "spec.maxConcurrent")]
    [TestCase("""{"spec":{"maxConcurrent":1.5}}""", "spec.maxConcurrent")]
    [TestCase("""{"spec":{"maxPerHour":0}}""", "spec.maxPerHour")]
    [TestCase("""{"spec":{"maxPerHour":-60}}""", "spec.maxPerHour")]
    [TestCase("""{"spec":{"stopAfterFailures":0}}""", "spec.stopAfterFailures")]
    [TestCase("""{"spec":{"stopAfterFailures":-3}}""", "spec.stopAfterFailures")]
    [TestCase("""{"spec":{"daysUntilExpiry":-1}}""", "spec.daysUntilExpiry")]
    [TestCase("""{"spec":{"daysUntilExpiry":99999999999}}""", "spec.daysUntilExpiry")]
    [TestCase("""{"spec":{"namespaces":[]}}""", "spec.namespaces")]
    [TestCase("""{"spec":{"namespaces":[""]}}""", "spec.namespaces")]
    [TestCase("""{"spec":{"pause":"yes"}}""", "spec.pause")]
    [TestCase("""{"spec":{"selector":{"matchLabels":["team"]}}}""", "spec.selector.matchLabels")]
    [TestCase("""{"spec":{"selector":{"matchExpressions":[{"key":"team","operator":"Near"}]}}}""", "spec.selector.matchExpressions")]
    [TestCase("""{"spec":{"selector":{"matchExpressions":[{"operator":"Exists"}]}}}""", "spec.selector.matchExpressions")]
    public async Task A_field_that_no_batch_may_have_is_named(string batch, string field) =>
        await AssertRefusedAsync("certificaterenewalbatches", batch, field);

    [TestCase("""{"spec":{"slo":{"runbookUrl":"https://x/{{`certoperator_leader`|query|first|value}}/{alert}"}}}""", "spec.slo.runbookUrl")]
    [TestCase("""{"spec":{"slo":{"runbookUrl":"https://x/{{alert}}"}}}""", "spec.slo.runbookUrl")]
    [TestCase("""{"spec":{"slo":{"runbookUrl":"https://x/{alert"}}}""", "spec.slo.runbookUrl")]
    [TestCase("""{"spec":{"slo":{"runbookUrl":"ftp://x/{alert}"}}}""", "spec.slo.runbookUrl")]
    [TestCase("""{"spec":{"slo":{"freshness":"100"}}}""", "spec.slo.freshness")]
    public async Task A_field_that_no_settings_may_have_is_named(string settings, string field) =>
        await AssertRefusedAsync("certificaterenewalsettings", settings, field);

    [Test]
    public async Task Settings_that_nobody_would_read_are_refused() =>
        await AssertRefusedAsync("certificaterenewalsettings", """{"spec":{}}""", "metadata.name");

    [Test]
    public async Task A_batch_that_names_too_much_is_refused()
    {
        var labels = new JsonObject { ["spec"] = new JsonObject { ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject([.. Enumerable.Range(0, 300).Select(i => KeyValuePair.Create($"l{i}", (JsonNode?)"x"))]) } } };
        await AssertRefusedAsync("certificaterenewalbatches", labels.ToJsonString(), "spec.selector.matchLabels");
        var namespaces = new JsonObject { ["spec"] = new JsonObject { ["namespaces"] = new JsonArray([.. Enumerable.Range(0, 101).Select(i => (JsonNode)$"n{i}")]) } };
        await AssertRefusedAsync("certificaterenewalbatches", namespaces.ToJsonString(), "spec.namespaces");
        var expressions = new JsonObject { ["spec"] = new JsonObject { ["selector"] = new JsonObject { ["matchExpressions"] = new JsonArray([.. Enumerable.Range(0, 21).Select(i => (JsonNode)new JsonObject { ["key"] = $"l{i}", ["operator"] = "Exists" })]) } } };
        await AssertRefusedAsync("certificaterenewalbatches", expressions.ToJsonString(), "spec.selector.matchExpressions");
    }

    [Test]
    public async Task Text_that_is_too_long_is_refused()
    {
        string longName = string.Join('.', Enumerable.Repeat(new string('a', 60), 5));
        string[] many = [.. Enumerable.Range(0, 100).Select(i => $"n{i}.example.com")];
        var policy = new JsonObject { ["spec"] = new JsonObject { ["hostname"] = longName, ["secretName"] = "x" } };
        await AssertRefusedAsync("certificaterenewalpolicies", policy.ToJsonString(), "spec.hostname");
        policy = new JsonObject { ["spec"] = new JsonObject { ["hostname"] = "a.example.com", ["secretName"] = "x", ["additionalNames"] = new JsonArray([.. many.Select(n => (JsonNode)n)]) } };
        await AssertRefusedAsync("certificaterenewalpolicies", policy.ToJsonString(), "spec.additionalNames");
        policy = new JsonObject { ["spec"] = new JsonObject { ["hostname"] = "a.example.com", ["secretName"] = "x", ["providerConfig"] = new JsonObject { ["acme"] = new JsonObject { ["caBundle"] = new string('A', 400_000) } } } };
        await AssertRefusedAsync("certificaterenewalpolicies", policy.ToJsonString(), "spec.providerConfig.acme.caBundle");
        policy["spec"]!["providerConfig"]!["acme"]!["caBundle"] = new string('A', 5 * 1024 * 1024);
        (HttpStatusCode status, _) = await PostAsync("certificaterenewalpolicies", policy.ToJsonString());
        Assert.That(status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge).Or.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    private async Task AssertRefusedAsync(string plural, string body, string field)
    {
        (HttpStatusCode status, string answer) = await PostAsync(plural, body);
        Assert.That(status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer);
        Assert.That(JsonNode.Parse(answer)!["message"]!.GetValue<string>(), Does.Contain(field));
    }

    private async Task<(HttpStatusCode Status, string Answer)> PostAsync(string plural, string body)
    {
        JsonObject document = JsonNode.Parse(body)!.AsObject();
        document["apiVersion"] = "certoperator.io/v1alpha1";
        document["kind"] = plural switch
        {
            "certificaterenewalruns" => "CertificateRenewalRun",
            "certificaterenewalbatches" => "CertificateRenewalBatch",
            "certificaterenewalsettings" => "CertificateRenewalSettings",
            _ => "CertificateRenewalPolicy",
        };
        document["metadata"] = new JsonObject { ["name"] = "bad" };
        using HttpClient client = Cluster.ControlPlane.CreateAdminClient();
        using var content = new StringContent(document.ToJsonString(), MediaTypeHeaderValue.Parse("application/json"));
        using HttpResponseMessage response = await client.PostAsync(new Uri($"/apis/certoperator.io/v1alpha1/namespaces/{Cluster.Namespace}/{plural}", UriKind.Relative), content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
