using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Operator.Policies;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.GitOps;

/// <summary>Manifests as they are kept in Git.</summary>
public sealed class ManifestTests : ClusterTest
{
    private const string SampleNamespace = "certoperator-demo";

    private static IEnumerable<string> Samples => Directory.EnumerateFiles(Repository.PathOf("config", "samples"), "*.yaml").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);

    [Test]
    public async Task Every_sample_is_accepted_by_the_API_server_and_can_be_carried_out()
    {
        foreach (string sample in Samples)
        {
            string manifest = (await File.ReadAllTextAsync(Repository.PathOf("config", "samples", sample))).Replace(SampleNamespace, Cluster.Namespace, StringComparison.Ordinal);
            string answer = await Cluster.ControlPlane.KubectlAsync(["create", "--dry-run=server", "--validate=true", "-o", "json", "-f", "-"], manifest);
            IReadOnlyList<JsonNode> objects = Objects(answer);
            CertificateRenewalSettings? settings = Of(objects, CertificateRenewalSettings.KindName) is { } node ? node.Deserialize(CrdsJsonContext.Default.CertificateRenewalSettings) : null;
            if (Of(objects, CertificateRenewalPolicy.KindName)?.Deserialize(CrdsJsonContext.Default.CertificateRenewalPolicy) is { } policy)
            {
                PolicyResolution resolution = PolicyResolver.Resolve(policy, settings);
                Assert.That(resolution.Problems, Is.Empty, sample);
                Assert.That(resolution.Policy, Is.Not.Null, sample);
            }
        }
    }

    [Test]
    public void There_is_a_sample_for_every_provider_and_every_challenge_solver()
    {
        string all = string.Concat(Samples.Select(s => File.ReadAllText(Repository.PathOf("config", "samples", s))));

        Assert.That(Names<CertificateProviderKind>(), Has.All.Matches<string>(p => all.Contains($"provider: {p}", StringComparison.Ordinal)));
        Assert.That(Names<KeyBackendKind>().Where(k => k != "local"), Has.All.Matches<string>(k => all.Contains($"keyBackend: {k}", StringComparison.Ordinal)));
        string[] solvers = ["ingress", "gateway", "webroot", "rfc2136", "httpreq", "acmeDns", "cloudflare", "route53", "googleCloudDns", "azureDns"];
        Assert.That(solvers, Has.All.Matches<string>(s => all.Contains($" {s}:", StringComparison.Ordinal)));
    }

    [Test]
    public async Task A_manifest_that_is_applied_again_changes_nothing_and_the_operator_never_writes_a_spec()
    {
        await Cluster.StartOperatorAsync();
        string manifest = Manifest();
        await Cluster.ControlPlane.KubectlAsync(["apply", "--server-side", "--field-manager=argocd-controller", "-f", "-"], manifest);
        await Cluster.WaitUntilReadyAsync("www");
        CertificateRenewalPolicy before = await Cluster.Policies.GetAsync(Cluster.Name("www"), CancellationToken.None);

        await Cluster.ControlPlane.KubectlAsync(["apply", "--server-side", "--field-manager=argocd-controller", "-f", "-"], manifest);
        ToolResult diff = await ToolProcess.RunAsync(
            "kubectl",
            ["diff", "--server-side", "--field-manager=argocd-controller", "-f", "-"],
            new ToolOptions { Input = manifest, AllowFailure = true, Environment = new Dictionary<string, string?> { ["KUBECONFIG"] = Cluster.ControlPlane.KubeconfigPath } });

        CertificateRenewalPolicy after = await Cluster.Policies.GetAsync(Cluster.Name("www"), CancellationToken.None);
        Assert.That((diff.ExitCode, diff.Output), Is.EqualTo((0, "")));
        Assert.That((after.Metadata.Generation, after.Metadata.ResourceVersion), Is.EqualTo((1, before.Metadata.ResourceVersion)));
        JsonNode stored = JsonNode.Parse(await Cluster.ControlPlane.KubectlAsync(["get", "crp", "www", "-n", Cluster.Namespace, "-o", "json", "--show-managed-fields"]))!;
        JsonNode[] others = [.. stored["metadata"]!["managedFields"]!.AsArray().Where(m => m!["manager"]!.GetValue<string>() != "argocd-controller")!];
        Assert.That(others, Is.Not.Empty);
        Assert.That(others.Select(m => m["fieldsV1"]!.AsObject().Select(f => f.Key)), Has.All.EqualTo(new[] { "f:status" }));
        JsonNode wanted = JsonNode.Parse(await Cluster.ControlPlane.KubectlAsync(["create", "--dry-run=client", "-o", "json", "-f", "-"], manifest))!;
        Assert.That(JsonNode.DeepEquals(stored["spec"], wanted["spec"]), "no default is written in place");
    }

    [Test]
    public async Task What_the_operator_makes_carries_no_label_by_which_Argo_CD_would_take_it_for_its_own()
    {
        await Cluster.StartOperatorAsync();
        await Cluster.ControlPlane.KubectlAsync(["apply", "--server-side", "-f", "-"], Manifest(", labels: {app.kubernetes.io/instance: web}, annotations: {argocd.argoproj.io/tracking-id: \"web:x\"}"));
        await Cluster.WaitUntilReadyAsync("www");

        string made = await Cluster.ControlPlane.KubectlAsync(["get", "crr,secret,configmap", "-n", Cluster.Namespace, "-o", "json"]);
        Assert.That(made, Does.Contain("www-tls").And.Not.Contain("app.kubernetes.io/instance").And.Not.Contain("tracking-id"));
    }

    private string Manifest(string metadata = "") => $$"""
        apiVersion: certoperator.io/v1alpha1
        kind: CertificateRenewalPolicy
        metadata: {name: www, namespace: {{Cluster.Namespace}}{{metadata}}}
        spec:
          hostname: www.{{Cluster.Namespace}}.example.com
          provider: acme
          providerConfig:
            acme:
              server: {{Cluster.Acme.DirectoryUrl}}
              caBundle: {{JsonSerializer.Serialize(Cluster.Acme.CaPem)}}
          secretName: www-tls
          verify: {none: true}
        """;

    // kubectl prints one object after the other, or a List.
    private static IReadOnlyList<JsonNode> Objects(string json)
    {
        List<JsonNode> objects = [];
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json), new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            var node = JsonNode.Parse(ref reader)!;
            objects.AddRange(node["kind"]!.GetValue<string>() == "List" ? node["items"]!.AsArray().Select(i => i!) : [node]);
        }

        return objects;
    }

    private static JsonNode? Of(IReadOnlyList<JsonNode> objects, string kind) => objects.FirstOrDefault(o => o["kind"]!.GetValue<string>() == kind);

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum
        => Enum.GetValues<T>().Select(v => JsonSerializer.Serialize(v).Trim('"'));
}
