using System.Text.Json;
using CertOperator.Crds.Policies;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Chart;

/// <summary>The chart as a release: installed, upgraded and removed by Helm, and the operator run with its flags, as its service account.</summary>
public sealed class ChartUpgradeTests : OwnControlPlaneTest
{
    /// <summary>The chart as it was when it was new, as helm package made it: fewer values and rights, other flags, older CustomResourceDefinitions.</summary>
    private static readonly string First = Repository.PathOf("tests", "EndToEnd", "Chart", "first-chart.tgz");

    /// <summary>What the harness says itself.</summary>
    private static readonly string[] Harness =
    [
        "--namespaces", "--http01-listen", "--metrics-listen", "--metrics-auth", "--health-listen", "--leader-elect", "--egress-allow", "--log-format",
    ];

    private readonly TemporaryDirectory _folder = new();

    [TearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public async Task An_upgrade_issues_nothing_and_what_was_issued_outlives_the_release()
    {
        string definitions = Path.Combine(Helm.Chart, "crds");
        await Cluster.ControlPlane.KubectlAsync(["delete", "-f", definitions]);
        // What the harness has rendered for all other tests, nobody has released.
        await Cluster.ControlPlane.KubectlAsync(["label", "clusterroles", "-l", "certoperator.io/scope", "certoperator.io/scope-"]);
        await HelmAsync("install", "certs", First, "--set", $"fullnameOverride={Cluster.Namespace}");
        string old = await Cluster.ControlPlane.KubectlAsync(["get", "crds", "-o", "yaml"]);

        // The first of the two commands for an upgrade, while the old release still runs.
        await Cluster.ControlPlane.KubectlAsync(["apply", "--server-side", "--force-conflicts", "-f", definitions]);
        await Cluster.ControlPlane.KubectlAsync(["wait", "--for=condition=Established", "--timeout=60s", "-f", definitions]);
        Assert.That(await Cluster.ControlPlane.KubectlAsync(["get", "crds", "-o", "yaml"]), Is.Not.EqualTo(old));
        string token = await Cluster.ControlPlane.KubectlAsync(["create", "token", Cluster.Namespace, "-n", Cluster.Namespace, "--duration=1h"]);
        await using ApiProxy api = await ApiProxy.StartAsync(Cluster.ControlPlane, token);
        OperatorUnderTest before = await Cluster.StartOperatorAsync(await SettingsAsync(api));
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy issued = await Cluster.WaitUntilReadyAsync(policy.Name);
        await before.TerminateAsync();

        await HelmAsync("upgrade", "certs", Helm.Chart, "--reset-then-reuse-values", "--set", "operator.workers=3", "--set", "inventory.enabled=true");
        OperatorSettings settings = await SettingsAsync(api);
        int earlier = api.Exchanges.Count;
        await Cluster.StartOperatorAsync(settings);
        var another = new PolicyBuilder(Cluster, "another");
        await Cluster.CreateAsync(another);
        await Cluster.WaitUntilReadyAsync(another.Name);

        Assert.That(settings.Flags, Has.Some.EqualTo("--workers=3").And.Some.EqualTo("--inventory=true"), "the second is of a later chart than the first");
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2), "one order for each policy");
        Assert.That((await Cluster.Policies.GetAsync(Cluster.Name(policy.Name), CancellationToken.None)).Status!.Serial, Is.EqualTo(issued.Status!.Serial));
        Assert.That(api.Exchanges.Skip(earlier).Where(e => e.Status is 401 or 403), Is.Empty);

        Assert.That(
            () => HelmAsync("install", "second", Helm.Chart, "--skip-crds", "--set", "fullnameOverride=second"),
            Throws.TypeOf<ToolFailedException>().With.Message.Contain($"namespaces: release {Cluster.Namespace}/certs of this chart works in all namespaces already (ClusterRole {Cluster.Namespace})"));
        await HelmAsync("install", "third", Helm.Chart, "--skip-crds", "--set", "fullnameOverride=third", "--set", $"namespaces={{{Cluster.Namespace}}}", "--set", "rbac.aggregate=false");
        await HelmAsync("uninstall", "third");

        await HelmAsync("uninstall", "certs");
        Assert.That((await Cluster.Policies.GetAsync(Cluster.Name(policy.Name), CancellationToken.None)).Status!.Serial, Is.EqualTo(issued.Status.Serial));
        Assert.That(await Cluster.ControlPlane.KubectlAsync(["get", "deployments", "-n", Cluster.Namespace, "-o", "name"]), Is.Empty);
        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), CancellationToken.None), Is.Not.Null);
    }

    private static string Name(string flag) => flag.Split('=')[0];

    /// <summary>With the flags of the Deployment that is in the cluster now.</summary>
    private async Task<OperatorSettings> SettingsAsync(ApiProxy api)
    {
        string arguments = await Cluster.ControlPlane.KubectlAsync(
            ["get", "deployment", Cluster.Namespace, "-n", Cluster.Namespace, "-o", "jsonpath={.spec.template.spec.containers[0].args}"]);
        return new OperatorSettings
        {
            Kubeconfig = api.KubeconfigPath,
            LeaderElect = true,
            Flags = [.. JsonSerializer.Deserialize<string[]>(arguments)!.Where(a => a.StartsWith("--", StringComparison.Ordinal) && !Harness.Contains(Name(a)))],
        };
    }

    private Task<string> HelmAsync(params IReadOnlyList<string> arguments) => Helm.RunAsync(
        [.. arguments, "--namespace", Cluster.Namespace],
        new ToolOptions
        {
            Environment = new Dictionary<string, string?>
            {
                ["KUBECONFIG"] = Cluster.ControlPlane.KubeconfigPath,
                ["HELM_CACHE_HOME"] = _folder.File("cache"),
                ["HELM_CONFIG_HOME"] = _folder.File("config"),
                ["HELM_DATA_HOME"] = _folder.File("data"),
            },
        });
}
