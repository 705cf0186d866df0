using CertOperator.TestSupport;
using NUnit.Framework;
using YamlDotNet.RepresentationModel;

namespace CertOperator.EndToEnd.Chart;

/// <summary>Combinations of values, each of which the API server takes.</summary>
[Category("Component")]
public sealed class ChartMatrixTests
{
    private ControlPlane _controlPlane = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _controlPlane = await ControlPlane.StartAsync();
        foreach (string folder in new[] { Repository.PathOf("tests", "EndToEnd", "Chart", "Definitions"), Path.Combine(Helm.Chart, "crds") })
        {
            await _controlPlane.KubectlAsync(["apply", "--server-side", "-f", folder]);
            await _controlPlane.KubectlAsync(["wait", "--for=condition=Established", "--timeout=60s", "-f", folder]);
        }

        foreach (string ns in new[] { "certs", "shop", "web" })
        {
            await _controlPlane.KubectlAsync(["create", "namespace", ns]);
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _controlPlane.DisposeAsync();

    [TestCase("", "", TestName = "Nothing_said")]
    [TestCase("namespaces={shop,web}", "Role/shop Role/web", TestName = "Two_namespaces")]
    [TestCase("replicaCount=1,podDisruptionBudget.enabled=false,networkPolicy.enabled=false,http01.enabled=false", "", TestName = "One_replica_and_little_else")]
    [TestCase("metrics.auth=false,metrics.serviceMonitor.enabled=true", "ServiceMonitor/certs", TestName = "Metrics_for_everybody")]
    [TestCase("metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.labels.release=prometheus", "ServiceMonitor/certs", TestName = "Metrics_with_a_token")]
    [TestCase("metrics.tls.secretName=m,metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.token.create=false,metrics.serviceMonitor.token.secretName=t,metrics.readers[0].kind=ServiceAccount,metrics.readers[0].name=p,metrics.readers[0].namespace=web", "ServiceMonitor/certs", TestName = "Metrics_with_a_certificate_and_a_token_of_ones_own")]
    [TestCase("metrics.tls.secretName=m,metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.ca.configMapName=ca,prometheusRule.enabled=true,dashboard.enabled=true", "ServiceMonitor/certs ConfigMap/certs", TestName = "All_that_watches")]
    [TestCase("inventory.enabled=true,inventory.interval=1h,namespaces={shop}", "Role/shop", TestName = "An_inventory_of_one_namespace")]
    [TestCase("rbac.create=false,serviceAccount.create=false,serviceAccount.name=own", "", TestName = "Rights_from_elsewhere")]
    [TestCase("rbac.restarts=false,rbac.http01=false,rbac.serviceAccountTokens=false,rbac.aggregate=false,rbac.finalizers=true", "", TestName = "Other_rights")]
    [TestCase("masterKey.existingSecret=k,operator.egressAllow={10.0.0.0/8},operator.extraArgs={--http01-self-check-port=8080},operator.extraEnv[0].name=AWS_REGION,operator.extraEnv[0].value=eu-central-1,operator.extraVolumes[0].name=ca,operator.extraVolumes[0].configMap.name=ca,operator.extraVolumeMounts[0].name=ca,operator.extraVolumeMounts[0].mountPath=/ca,image.digest=sha256:0000000000000000000000000000000000000000000000000000000000000000,image.pullSecrets={registry}", "", TestName = "An_operator_told_much")]
    [TestCase("masterKey.existingSecret=k,masterKey.wrapped.kms.key=arn:aws:kms:eu-central-1:111122223333:alias/certoperator,masterKey.wrapped.kms.endpoint=https://kms.example.com,masterKey.wrapped.ca.secretName=ca,serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn=arn:aws:iam::111122223333:role/certoperator", "", TestName = "A_master_key_wrapped_by_KMS")]
    [TestCase("namespaces={shop},masterKey.wrapped.vault.address=https://vault.example.com:8200,masterKey.wrapped.vault.key=transit/certoperator,masterKey.wrapped.vault.role=certoperator,masterKey.wrapped.vault.audience=vault,masterKey.wrapped.ca.configMapName=ca", "Role/shop", TestName = "A_master_key_wrapped_by_Vault_that_trusts_the_service_account")]
    [TestCase("masterKey.existingSecret=k,masterKey.wrapped.vault.address=https://vault.example.com:8200,masterKey.wrapped.vault.key=transit/certoperator,masterKey.wrapped.vault.namespace=team,masterKey.wrapped.vault.auth=token,masterKey.wrapped.vault.credential.secretName=login", "", TestName = "A_master_key_wrapped_by_Vault_with_a_token")]
    [TestCase("priorityClassName=system-cluster-critical,tolerations[0].operator=Exists,nodeSelector.kubernetes\\.io/os=linux,http01.service.type=LoadBalancer,podLabels.color=blue,commonLabels.team=web,networkPolicy.http01From[0].namespaceSelector.matchLabels.name=ingress,networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring", "", TestName = "Placed_and_fenced")]
    public async Task The_API_server_takes(string values, string expected)
    {
        string rendered = await Helm.TemplateAsync("certoperator", "certs", values.Length > 0 ? ["--set", values] : []);
        string applied = await _controlPlane.KubectlAsync(["apply", "--server-side", "--dry-run=server", "-f", "-"], rendered);

        Assert.That(applied.Split('\n'), Has.Length.EqualTo(ChartObjects.Parse(rendered).Count));
        Assert.That(rendered, Does.Not.Contain("bearerToken"));
        foreach (string kindAndNamespace in expected.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.That(ChartObjects.Parse(rendered).Select(o => $"{o["kind"]}/{(o["metadata"] is YamlDotNet.RepresentationModel.YamlMappingNode m && m.Children.TryGetValue("namespace", out var ns) ? ns : "")}"), Has.Some.EqualTo(kindAndNamespace));
        }
    }

    [Test]
    public async Task It_takes_the_strict_list_of_the_README()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(Helm.Chart, "README.md"));
        string values = readme.Split("```yaml\n").Select(b => b.Split("```")[0]).Single(b => b.StartsWith("networkPolicy:\n", StringComparison.Ordinal));
        using var folder = new TemporaryDirectory();
        await File.WriteAllTextAsync(folder.File("values.yaml"), values);
        string rendered = await Helm.TemplateAsync("certoperator", "certs", "--values", folder.File("values.yaml"), "--show-only", "templates/networkpolicy.yaml");

        Assert.That((YamlSequenceNode)ChartObjects.OfKind(rendered, "NetworkPolicy").Single()["spec"]["egress"], Has.Exactly(3).Items);
        Assert.That(await _controlPlane.KubectlAsync(["apply", "--server-side", "--dry-run=server", "-f", "-"], rendered), Does.Contain("networkpolicy"));
    }

    [Test]
    public async Task It_takes_what_the_install_guide_says_without_Helm_in_the_cluster()
    {
        string guide = await File.ReadAllTextAsync(Repository.PathOf("docs", "install.md"));
        string commands = guide.Split("## With kubectl")[1].Split("```sh\n")[1].Split("```")[0];
        ToolResult result = await ToolProcess.RunAsync(
            "bash",
            ["-ec", $"set -o pipefail; cd '{Repository.PathOf()}'\n{commands}"],
            new ToolOptions { AllowFailure = true, Environment = new Dictionary<string, string?> { ["KUBECONFIG"] = _controlPlane.KubeconfigPath, ["PATH"] = $"{Path.GetDirectoryName(Helm.Program)}:{Environment.GetEnvironmentVariable("PATH")}" } });

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output, Does.Contain("poddisruptionbudget.policy/certoperator-cert-operator serverside-applied").And.Contain("deployment.apps/certoperator-cert-operator serverside-applied"));
    }

    [Test]
    public async Task Nothing_in_the_cluster_opens_where_namespaces_are_named()
    {
        string rendered = await Helm.TemplateAsync("certoperator", "certs", "--set", "namespaces={shop,web}", "--set", "fullnameOverride=scoped");
        await _controlPlane.ApplyAsync(rendered);

        foreach ((string verb, string resource, string ns, bool allowed) in new[]
        {
            ("get", "secrets", "shop", true), ("list", "secrets", "shop", false), ("watch", "secrets", "web", false), ("get", "secrets", "default", false),
            ("list", "certificaterenewalpolicies.certoperator.io", "web", true), ("list", "certificaterenewalpolicies.certoperator.io", "default", false),
            ("get", "secrets/certoperator-master-key", "certs", true), ("get", "secrets/other", "certs", false), ("update", "leases.coordination.k8s.io/certoperator", "certs", true),
            ("update", "certificaterenewalpolicies.certoperator.io", "shop", false), ("create", "pods", "shop", false),
        })
        {
            Assert.That(await MayAsync("system:serviceaccount:certs:scoped", null, verb, resource, ns), Is.EqualTo(allowed), $"{verb} {resource} in {ns}");
        }
    }

    [TestCase("viewer", "get", "certificaterenewalruns", true)]
    [TestCase("viewer", "create", "certificaterenewalpolicies", false)]
    [TestCase("operator", "create", "certificaterenewalpolicies", true)]
    [TestCase("operator", "create", "certificaterenewalruns", true)]
    [TestCase("operator", "patch", "certificaterenewalruns", true)]
    [TestCase("operator", "patch", "certificaterenewalsettings", false)]
    [TestCase("operator", "delete", "certificaterenewalpolicies", false)]
    [TestCase("admin", "delete", "certificaterenewalpolicies", true)]
    [TestCase("admin", "patch", "certificaterenewalsettings", true)]
    [TestCase("admin", "update", "certificaterenewalpolicies/status", false)]
    [TestCase("admin", "patch", "certificaterenewalruns/status", false)]
    public async Task People_may(string role, string verb, string resource, bool allowed)
    {
        // Nobody aggregates roles here: a person with a higher one is bound to those below it too.
        string[] held = role switch { "viewer" => ["viewer"], "operator" => ["viewer", "operator"], _ => ["viewer", "operator", "admin"] };
        await _controlPlane.ApplyAsync(await Helm.TemplateAsync("people", "certs", "--set", "fullnameOverride=people", "--show-only", "templates/rbac-people.yaml"));
        foreach (string one in held)
        {
            await _controlPlane.ApplyAsync($$"""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: "{{role}}-{{one}}", namespace: shop}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "people-{{one}}"}
                subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: "{{role}}"}]
                """);
        }

        string[] parts = resource.Split('/');
        Assert.That(await MayAsync(role, parts.ElementAtOrDefault(1), verb, $"{parts[0]}.certoperator.io", "shop"), Is.EqualTo(allowed));
        Assert.That(await MayAsync(role, null, "get", "certificaterenewalpolicies.certoperator.io", "web"), Is.False);
    }

    private async Task<bool> MayAsync(string user, string? subresource, string verb, string resource, string ns)
    {
        List<string> arguments = ["auth", "can-i", verb, resource, "-n", ns, "--as", user];
        if (subresource is not null)
        {
            arguments.Add($"--subresource={subresource}");
        }

        ToolResult result = await ToolProcess.RunAsync("kubectl", ["--kubeconfig", _controlPlane.KubeconfigPath, .. arguments], new ToolOptions { AllowFailure = true });
        return result.Output.Trim() == "yes";
    }
}
