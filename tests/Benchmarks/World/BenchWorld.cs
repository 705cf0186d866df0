using CertOperator.Kubernetes;
using CertOperator.TestSupport;

namespace CertOperator.Benchmarks.World;

/// <summary>A control plane with the CRDs, and a Pebble without artificial waits, both of one's own.</summary>
public sealed class BenchWorld : IAsyncDisposable
{
    private readonly HttpClient _admin;

    private BenchWorld(ControlPlane controlPlane, Pebble pebble)
    {
        ControlPlane = controlPlane;
        Pebble = pebble;
        _admin = controlPlane.CreateAdminClient();
        _admin.Timeout = Timeout.InfiniteTimeSpan;
        Client = new KubernetesClient(KubernetesClientConfiguration.Load(controlPlane.KubeconfigPath), TimeProvider.System, UnobservedRequests.Instance);
    }

    public ControlPlane ControlPlane { get; }

    public Pebble Pebble { get; }

    public KubernetesClient Client { get; }

    public static async Task<BenchWorld> StartAsync(CancellationToken cancellationToken)
    {
        var controlPlane = await ControlPlane.StartAsync(cancellationToken);
        try
        {
            var world = new BenchWorld(controlPlane, await Pebble.StartAsync(null, cancellationToken));
            await controlPlane.KubectlAsync(["apply", "--server-side", "-f", Repository.PathOf("charts", "cert-operator", "crds")], null, cancellationToken);
            await controlPlane.KubectlAsync(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"], null, cancellationToken);
            return world;
        }
        catch
        {
            await controlPlane.DisposeAsync();
            throw;
        }
    }

    public Task<WatchCounter> WatchAsync(string path, Func<string, bool> counts, CancellationToken cancellationToken)
        => WatchCounter.StartAsync(_admin, path, counts, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _admin.Dispose();
        await Pebble.DisposeAsync();
        await ControlPlane.DisposeAsync();
    }
}
