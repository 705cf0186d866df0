using System.Globalization;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Challenges.Http01;

/// <summary>For tests of http-01 by way of the cluster: an operator that the CA does not reach by itself, and an edge that it does reach.</summary>
public abstract class Http01Test : ClusterTest
{
    private const string PodAddress = "10.244.0.7";
    private const string DeadPodAddress = "10.244.0.8";
    private const string OperatorService = "certoperator";

    private Edge? _edge;

    protected static Http01Spec ByIngress => new() { Ingress = new Http01IngressSpec { ClassName = Edge.ClassName } };

    protected static Http01Spec ByWebroot => new() { Webroot = new Http01WebrootSpec { ConfigMapName = Edge.Webroot } };

    protected Edge Edge => _edge ?? throw new InvalidOperationException("The test has not started yet.");

    protected int ChallengesAnswered => Cluster.Acme.Count(AcmeRequestKind.Challenge);

    [SetUp]
    public async Task StartEdgeAsync() => _edge = await Edge.StartAsync(Cluster, Cluster.Pebble.HttpPort);

    [TearDown]
    public async Task StopEdgeAsync()
    {
        if (_edge is not null)
        {
            await _edge.DisposeAsync();
            _edge = null;
        }
    }

    /// <summary>An operator behind a Service of its own, as in a cluster. Of two pods one is not ready.</summary>
    protected async Task<OperatorUnderTest> StartOperatorAsync(int? selfCheckPort = null, string? kubeconfig = null, bool withService = true, string? own = null)
    {
        own ??= Cluster.Namespace;
        int port = FreePort.Next();
        Edge.Pods[PodAddress] = port;
        if (withService)
        {
            await PublishAsync(own, port);
        }

        return await Cluster.StartOperatorAsync(new OperatorSettings
        {
            Kubeconfig = kubeconfig,
            Http01Port = port,
            LeaseNamespace = own,
            Flags =
            [
                "--http01-self-check-port", (selfCheckPort ?? Cluster.Pebble.HttpPort).ToString(CultureInfo.InvariantCulture),
                "--dns-resolvers", Cluster.Pebble.DnsServer,
                .. withService ? new[] { "--http01-service", $"{own}/{OperatorService}" } : [],
            ],
        });
    }

    protected async Task CreateSolverAsync(Http01Spec http01) =>
        await Cluster.Settings.CreateAsync(
            new CertificateRenewalSettings
            {
                Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = Cluster.Namespace },
                Spec = new SettingsSpec { Solvers = [new SolverSpec { Name = "edge", Http01 = http01 }] },
            },
            CancellationToken.None);

    protected Task<ConfigMap> CreateWebrootAsync() =>
        Cluster.Resource(CoreResources.ConfigMaps).CreateAsync(
            new ConfigMap { Metadata = new ObjectMeta { Name = Edge.Webroot, Namespace = Cluster.Namespace }, Data = new Dictionary<string, string> { ["robots.txt"] = "of somebody else" } },
            CancellationToken.None);

    protected async Task<CertificateRenewalRun> OnlyRunAsync(PolicyBuilder policy)
    {
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name);
        Assert.That(runs, Has.Count.EqualTo(1));
        return runs[0];
    }

    protected Task WaitForMessageAsync(PolicyBuilder policy, string text) =>
        Eventually.GetAsync(
            async _ => (await Cluster.RunsOfAsync(policy.Name)).SingleOrDefault()?.Status?.Message,
            message => message?.Contains(text, StringComparison.Ordinal) == true,
            Deadlines.Run,
            $"the run to speak of {text}");

    /// <summary>Nothing that was made for a challenge is left, and nothing keeps the runs.</summary>
    protected async Task AssertNothingLeftAsync()
    {
        await Eventually.GetAsync(
            async _ => string.Join(',', (await ListAsync(Cluster.Runs.Definition)).SelectMany(r => r.Metadata.Finalizers ?? [])),
            left => left.Length == 0,
            Deadlines.Api,
            "the runs to be let go");
        IEnumerable<IKubernetesObject> left =
        [
            .. await ListAsync(NetworkResources.Ingresses),
            .. await ListAsync(NetworkResources.Services),
            .. await ListAsync(NetworkResources.EndpointSlicesBeta),
            .. Edge.HasGateway ? await ListAsync(NetworkResources.HttpRoutes) : [],
        ];
        Assert.That(left.Select(o => $"{o.Kind} {o.Metadata.Name}").Where(n => !n.EndsWith($" {OperatorService}", StringComparison.Ordinal)), Is.Empty);
        ConfigMap? webroot = await Cluster.Resource(CoreResources.ConfigMaps).FindAsync(Cluster.Name(Edge.Webroot), CancellationToken.None);
        Assert.That(webroot?.Data?.Keys ?? Enumerable.Empty<string>(), Is.Empty.Or.EqualTo(new[] { "robots.txt" }));
    }

    protected async Task<IReadOnlyList<T>> ListAsync<T>(ResourceDefinition<T> definition)
        where T : class, IKubernetesObject
        => (await Cluster.Resource(definition).ListPageAsync(new ListOptions { Namespace = Cluster.Namespace }, CancellationToken.None)).Items;

    /// <summary>What the control plane makes of an operator's Service. An operator that is started again is another pod with the same address.</summary>
    private async Task PublishAsync(string ns, int port)
    {
        await Cluster.Resource(NetworkResources.Services).ApplyAsync(
            new Service
            {
                Metadata = new ObjectMeta { Name = OperatorService, Namespace = ns },
                Spec = new ServiceSpec { Ports = [new ServicePort { Name = "http01", Protocol = "TCP", Port = 80 }] },
            },
            "test",
            force: true,
            CancellationToken.None);
        await Cluster.Resource(NetworkResources.EndpointSlicesBeta).ApplyAsync(
            new EndpointSlice
            {
                ApiVersion = NetworkResources.EndpointSlicesBeta.ApiVersion,
                Metadata = new ObjectMeta { Name = OperatorService, Namespace = ns, Labels = new Dictionary<string, string> { [EndpointSlice.ServiceLabel] = OperatorService } },
                AddressType = "IPv4",
                Endpoints =
                [
                    new Endpoint { Addresses = [DeadPodAddress], Conditions = new EndpointConditions { Ready = false } },
                    new Endpoint { Addresses = [PodAddress], Conditions = new EndpointConditions { Ready = true } },
                ],
                Ports = [new EndpointPort { Name = "metrics", Protocol = "TCP", Port = 9402 }, new EndpointPort { Name = "http01", Protocol = "TCP", Port = port }],
            },
            "test",
            force: true,
            CancellationToken.None);
    }
}
