using System.Collections.Concurrent;
using System.Text;

namespace CertOperator.TestSupport.Proxies;

/// <summary>Stands in front of an API server: counts what reaches it, and lets a test take part. Watches pass through untouched.</summary>
public sealed class ApiProxy : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly HttpsProxy _proxy;
    private readonly ConcurrentQueue<ApiExchange> _exchanges = new();

    private ApiProxy(ControlPlane controlPlane, string? token)
    {
        _proxy = new HttpsProxy(controlPlane.Server, controlPlane.CreateAnonymousClient(), HandleAsync, IsWatch);
        string authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(_proxy.CaPem));
        IEnumerable<string> lines = File.ReadLines(controlPlane.KubeconfigPath).Select(line => line.TrimStart() switch
        {
            ['s', 'e', 'r', 'v', 'e', 'r', ':', ..] => $"      server: {_proxy.Address}",
            var text when text.StartsWith("certificate-authority-data:", StringComparison.Ordinal) => $"      certificate-authority-data: {authority}",
            ['t', 'o', 'k', 'e', 'n', ':', ..] when token is not null => $"      token: {token}",
            _ => line,
        });
        File.WriteAllLines(KubeconfigPath, lines);
    }

    /// <summary>A kubeconfig with the proxy's address, of the administrator unless a token was given.</summary>
    public string KubeconfigPath => _directory.File("kubeconfig");

    public ProxyHooks<ApiRequest> Hooks { get; } = new();

    /// <summary>What the server has answered so far, in the order of the answers; watches are not in it.</summary>
    public IReadOnlyList<ApiExchange> Exchanges => [.. _exchanges];

    /// <param name="controlPlane">What it stands in front of.</param>
    /// <param name="token">Of whom <see cref="KubeconfigPath"/> is. <value>The administrator's.</value></param>
    public static async Task<ApiProxy> StartAsync(ControlPlane controlPlane, string? token = null)
    {
        var proxy = new ApiProxy(controlPlane, token);
        await proxy._proxy.StartAsync();
        return proxy;
    }

    /// <summary>Breaks off all watches and lets none begin; every other request passes.</summary>
    public void BlockWatches() => _proxy.BlockStreams();

    public void AllowWatches() => _proxy.AllowStreams();

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _directory.Dispose();
    }

    private static bool IsWatch(ProxiedRequest request) =>
        request.Method == "GET" && request.Target.Contains("watch=", StringComparison.Ordinal);

    private async Task<ProxiedAnswer> HandleAsync(ProxiedRequest http, Func<ProxiedRequest, Task<ProxiedAnswer>> forward)
    {
        var request = ApiRequest.From(http);
        if (await Hooks.Before(request) is { } own)
        {
            return own;
        }

        ProxiedAnswer answer = await forward(http);
        _exchanges.Enqueue(new ApiExchange(request.Verb, request.Resource, request.Name, answer.Status));
        return await Hooks.After(request, answer);
    }
}
