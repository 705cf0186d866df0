using System.Text.Json;
using CertOperator.Crds.Policies;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Chart;

/// <summary>The chart as a release: installed, upgraded and removed by Helm, and the operator run with its flags, as its service account.</summary>
public sealed class ChartUpgradeTests : ClusterTest
{
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
        await HelmAsync("install", "certs", Previous(), "--skip-crds", "--set", $"fullnameOverride={Cluster.Namespace}");
        string token = await Cluster.ControlPlane.KubectlAsync(["create", "token", Cluster.Namespace, "-n", Cluster.Namespace, "--duration=1h"]);
        await using ApiProxy api = await ApiProxy.StartAsync(Cluster.ControlPlane, token);
        OperatorUnderTest before = await Cluster.StartOperatorAsync(await SettingsAsync(api));
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy issued = await Cluster.WaitUntilReadyAsync(policy.Name);
        await before.TerminateAsync();

        await HelmAsync("upgrade", "certs", Helm.Chart, "--reset-then-reuse-values", "--set", "operator.workers=3");
        OperatorSettings settings = await SettingsAsync(api);
        await Cluster.StartOperatorAsync(settings);
        var another = new PolicyBuilder(Cluster, "another");
        await Cluster.CreateAsync(another);
        await Cluster.WaitUntilReadyAsync(another.Name);

        Assert.That(settings.Flags, Has.Some.EqualTo("--workers=3"));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2), "one order for each policy");
        Assert.That((await Cluster.Policies.GetAsync(Cluster.Name(policy.Name), CancellationToken.None)).Status!.Serial, Is.EqualTo(issued.Status!.Serial));
        Assert.That(api.Exchanges.Where(e => e.Status is 401 or 403), Is.Empty);

        await HelmAsync("uninstall", "certs");
        Assert.That((await Cluster.Policies.GetAsync(Cluster.Name(policy.Name), CancellationToken.None)).Status!.Serial, Is.EqualTo(issued.Status.Serial));
        Assert.That(await Cluster.ControlPlane.KubectlAsync(["get", "deployments", "-n", Cluster.Namespace, "-o", "name"]), Is.Empty);
        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), CancellationToken.None), Is.Not.Null);
    }

    /// <summary>The chart as it was: of another version, with other defaults.</summary>
    private string Previous()
    {
        string copy = _folder.File("cert-operator");
        foreach (string file in Directory.GetFiles(Helm.Chart, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(copy, Path.GetRelativePath(Helm.Chart, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        string chart = Path.Combine(copy, "Chart.yaml");
        string[] lines = [.. File.ReadAllLines(chart).Select(l => l.StartsWith("version:", StringComparison.Ordinal) ? "version: 0.0.1" : l.StartsWith("appVersion:", StringComparison.Ordinal) ? "appVersion: 0.0.1" : l)];
        File.WriteAllLines(chart, lines);
        return copy;
    }

    /// <summary>With the flags of the Deployment that is in the cluster now.</summary>
    private async Task<OperatorSettings> SettingsAsync(ApiProxy api)
    {
        string arguments = await Cluster.ControlPlane.KubectlAsync(
            ["get", "deployment", Cluster.Namespace, "-n", Cluster.Namespace, "-o", "jsonpath={.spec.template.spec.containers[0].args}"]);
        return new OperatorSettings
        {
            Kubeconfig = api.KubeconfigPath,
            LeaderElect = true,
            Flags = [.. JsonSerializer.Deserialize<string[]>(arguments)!.Where(a => a.StartsWith("--", StringComparison.Ordinal) && !Harness.Contains(a.Split('=')[0]))],
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
