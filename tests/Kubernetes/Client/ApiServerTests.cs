using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>Base of the tests on the real API server: a client with all rights and a new namespace for each test.</summary>
[Category("Component")]
public abstract class ApiServerTests
{
    private KubernetesClient? _client;

    protected ControlPlane ControlPlane { get; private set; } = null!;

    protected string Namespace { get; private set; } = "";

    protected IKubernetesClient Client => _client!;

    protected IResourceClient<ConfigMap> ConfigMaps => Client.Resource(CoreResources.ConfigMaps);

    [OneTimeSetUp]
    public async Task ConnectAsync()
    {
        ControlPlane = await SharedControlPlane.GetAsync();
        _client = Connect(ControlPlane.KubeconfigPath);
    }

    [OneTimeTearDown]
    public void Disconnect() => _client?.Dispose();

    [SetUp]
    public async Task CreateNamespaceAsync() => Namespace = await ControlPlane.CreateNamespaceAsync();

    protected static KubernetesClient Connect(string kubeconfig) =>
        new(KubernetesClientConfiguration.Load(kubeconfig), TimeProvider.System, new RecordingObserver());

    protected NamespacedName Name(string name) => new(Namespace, name);

    protected ConfigMap NewConfigMap(string name, string value = "v") => new()
    {
        Metadata = { Name = name, Namespace = Namespace },
        Data = new() { ["key"] = value },
    };
}
