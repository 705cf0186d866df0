using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Recovery;

/// <summary>A namespace is saved, its cluster is lost, and another takes its place.</summary>
public sealed class WorkspaceBackupTests : ClusterTest
{
    private readonly TemporaryDirectory _directory = new();

    [TearDown]
    public void DeleteFiles() => _directory.Dispose();

    [Test]
    public async Task A_whole_namespace_comes_back_in_an_empty_cluster_and_nothing_is_issued_again()
    {
        OperatorUnderTest old = await Cluster.StartOperatorAsync();
        await Cluster.Settings.CreateAsync(
            new CertificateRenewalSettings { Metadata = new ObjectMeta { Name = "default", Namespace = Cluster.Namespace }, Spec = new SettingsSpec { Defaults = [new PolicyDefaults { CooldownSeconds = 0 }] } },
            CancellationToken.None);
        string[] names = ["www", "api", "mail"];
        foreach (string name in names)
        {
            await Cluster.CreateAsync(new PolicyBuilder(Cluster, name));
            await Cluster.WaitUntilReadyAsync(name);
        }

        // A request that was met is not to be met again because the cluster is another one.
        await Cluster.RequestRenewalAsync("www", "in the old cluster");
        await Cluster.WaitForFinishedRunsAsync("www", 2);
        await Cluster.WaitUntilReadyAsync("www");
        await old.TerminateAsync();
        var before = await StateOfAsync(Cluster, names);
        int orders = Cluster.Acme.OrdersPlaced;
        string file = _directory.File("workspace.json");
        await WorkspaceAsync(Cluster.ControlPlane, "backup", Cluster.Namespace, file);

        await using ControlPlane empty = await ControlPlane.StartAsync();
        await Definitions.ApplyAsync(empty);
        await using TestCluster other = await TestCluster.StartAsync(empty, Cluster.Pebble);
        await WorkspaceAsync(empty, "restore", other.Namespace, file);
        await other.StartOperatorAsync();
        foreach (string name in names)
        {
            await other.WaitForPolicyAsync(name, p => p.Is("Ready") && p.Status!.Conditions!.All(c => c.ObservedGeneration == p.Metadata.Generation), "to be taken up again");
        }

        // A request of now shows that the operator has looked at everything, and that the account is the one from before.
        int accounts = Cluster.Acme.Exchanges.Count(e => e.Kind == AcmeRequestKind.NewAccount && e.Status == 201);
        Assert.That(await StateOfAsync(other, names), Is.EqualTo(before));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(orders));
        Assert.That(await other.RunsOfAsync("www"), Is.Empty);
        await other.RequestRenewalAsync("api", "in the new cluster");
        await other.WaitForFinishedRunsAsync("api");
        await other.WaitUntilReadyAsync("api");
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(orders + 1));
        Assert.That(Cluster.Acme.Exchanges.Count(e => e.Kind == AcmeRequestKind.NewAccount && e.Status == 201), Is.EqualTo(accounts));
    }

    [Test]
    public async Task Nothing_is_restored_beside_an_operator_that_runs_or_from_a_file_that_is_no_backup()
    {
        await Cluster.StartOperatorAsync(new OperatorSettings { LeaderElect = true });
        await Cluster.CreateAsync(new PolicyBuilder(Cluster).With(s => s with { Suspend = true }));
        string file = _directory.File("workspace.json");
        await WorkspaceAsync(Cluster.ControlPlane, "backup", Cluster.Namespace, file);
        await File.WriteAllTextAsync(_directory.File("garbage"), "no JSON");

        ToolResult beside = await TryAsync(Cluster.ControlPlane, "restore", Cluster.Namespace, file);
        ToolResult garbage = await TryAsync(Cluster.ControlPlane, "restore", Cluster.Namespace, _directory.File("garbage"));

        Assert.That(beside.ExitCode, Is.EqualTo(1));
        Assert.That(beside.Error, Does.Contain("an operator is running").And.Contain("scale deployment -l app.kubernetes.io/name=cert-operator "));
        Assert.That(garbage.ExitCode, Is.EqualTo(1));
        Assert.That(garbage.Error, Does.Contain("is not what"));
    }

    [Test]
    public async Task An_operator_is_known_by_its_Lease_whatever_that_is_called()
    {
        await using ControlPlane controlPlane = await ControlPlane.StartAsync();
        await Definitions.ApplyAsync(controlPlane);
        await using TestCluster cluster = await TestCluster.StartAsync(controlPlane, Cluster.Pebble);
        await cluster.CreateAsync(new PolicyBuilder(cluster).With(s => s with { Suspend = true }));
        string file = _directory.File("workspace.json");
        await WorkspaceAsync(controlPlane, "backup", cluster.Namespace, file);

        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await controlPlane.ApplyAsync($$"""
            apiVersion: coordination.k8s.io/v1
            kind: Lease
            metadata: {name: something-else, namespace: "{{cluster.Namespace}}"}
            spec: {holderIdentity: pod, leaseDurationSeconds: 3600, renewTime: "{{now:yyyy-MM-ddTHH:mm:ss.ffffffZ}}"}
            """);
        await WorkspaceAsync(controlPlane, "restore", cluster.Namespace, file);

        // By the operator's own client, as its leader election does.
        await cluster.Leases.CreateAsync(
            new Lease
            {
                Metadata = new ObjectMeta { Name = "renewals", Namespace = cluster.Namespace },
                Spec = new LeaseSpec { HolderIdentity = "pod", LeaseDurationSeconds = 3600, RenewTime = now },
            },
            CancellationToken.None);
        ToolResult beside = await TryAsync(controlPlane, "restore", cluster.Namespace, file);

        Assert.That(beside.ExitCode, Is.EqualTo(1));
        Assert.That(beside.Error, Does.Contain($"an operator is running (it holds the Lease {cluster.Namespace}/renewals)").And.Contain($"kubectl -n {cluster.Namespace} scale deployment "));
    }

    private static async Task<IReadOnlyList<(string Name, string? Serial, DateTimeOffset? Renewal, int? Issued, string Certificate)>> StateOfAsync(TestCluster cluster, IEnumerable<string> names)
    {
        List<(string, string?, DateTimeOffset?, int?, string)> state = [];
        foreach (string name in names)
        {
            CertificateRenewalPolicy policy = await cluster.Policies.GetAsync(cluster.Name(name), CancellationToken.None);
            Secret secret = await cluster.Secrets.GetAsync(cluster.Name(policy.Spec.SecretName), CancellationToken.None);
            state.Add((name, policy.Status!.Serial, policy.Status.RenewalTime, policy.Status.RecentIssuances?.Count, Convert.ToBase64String(secret.Data![WellKnown.TlsCertificateKey])));
        }

        return state;
    }

    private static async Task WorkspaceAsync(ControlPlane controlPlane, params string[] arguments)
    {
        ToolResult result = await TryAsync(controlPlane, arguments);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
    }

    private static Task<ToolResult> TryAsync(ControlPlane controlPlane, params string[] arguments) =>
        ToolProcess.RunAsync(
            Repository.PathOf("hack", "workspace.sh"),
            arguments,
            new ToolOptions { AllowFailure = true, Environment = new Dictionary<string, string?> { ["KUBECONFIG"] = controlPlane.KubeconfigPath } });
}
