using System.Collections.Concurrent;

namespace CertOperator.TestSupport.Proxies;

/// <summary>Stands in front of a Pebble: counts what reaches it, and lets a test take part.</summary>
public sealed class AcmeProxy : IAsyncDisposable
{
    private readonly HttpsProxy _proxy;
    private readonly ConcurrentQueue<AcmeExchange> _exchanges = new();

    private AcmeProxy(Pebble pebble) =>
        _proxy = new HttpsProxy(new Uri(pebble.DirectoryUrl, "/"), pebble.CreateHttpClient(), HandleAsync, _ => false);

    /// <summary>What a policy names as its server.</summary>
    public Uri DirectoryUrl => new(_proxy.Address, "/dir");

    /// <summary>The authority of the proxy's HTTPS certificate.</summary>
    public string CaPem => _proxy.CaPem;

    public ProxyHooks<AcmeRequest> Hooks { get; } = new();

    /// <summary>What the server has answered so far, in the order of the answers.</summary>
    public IReadOnlyList<AcmeExchange> Exchanges => [.. _exchanges];

    /// <summary>Orders that the server has placed.</summary>
    public int OrdersPlaced => Count(AcmeRequestKind.NewOrder, 201);

    /// <summary>Orders that the server has accepted a signing request for.</summary>
    public int OrdersFinalized => Count(AcmeRequestKind.Finalize, 200);

    public static async Task<AcmeProxy> StartAsync(Pebble pebble)
    {
        var proxy = new AcmeProxy(pebble);
        await proxy._proxy.StartAsync();
        return proxy;
    }

    public int Count(AcmeRequestKind kind) => _exchanges.Count(e => e.Kind == kind);

    public int Count(AcmeRequestKind kind, int status) => _exchanges.Count(e => e.Kind == kind && e.Status == status);

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private async Task<ProxiedAnswer> HandleAsync(ProxiedRequest http, Func<ProxiedRequest, Task<ProxiedAnswer>> forward)
    {
        var request = AcmeRequest.From(http);
        if (await Hooks.Before(request) is { } own)
        {
            return own;
        }

        ProxiedAnswer answer = await forward(http);
        _exchanges.Enqueue(new AcmeExchange(request.Kind, http.Path, answer.Status));
        return await Hooks.After(request, answer);
    }
}
