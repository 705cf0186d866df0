using System.Collections.Concurrent;
using System.Net;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertOperator.EndToEnd.Challenges.Http01;

/// <summary>
/// What stands at port 80 of a cluster: reads Ingresses, HTTPRoutes and the ConfigMap of a webroot from the API server at each request,
/// and leads it where they say, through Service and EndpointSlice. Pods' addresses are those of <see cref="Pods"/>.
/// </summary>
public sealed class Edge : IAsyncDisposable
{
    public const string ClassName = "edge";
    public const string GatewayName = "edge";
    public const string Webroot = "webroot";

    private const string Prefix = "/.well-known/acme-challenge/";
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly TestCluster _cluster;
    private readonly WebApplication _application;

    private Edge(TestCluster cluster, int port)
    {
        _cluster = cluster;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _application = builder.Build();
        _application.Run(HandleAsync);
    }

    /// <summary>What listens at an address of the pods' network. The API server takes no loopback address for an endpoint.</summary>
    public ConcurrentDictionary<string, int> Pods { get; } = new();

    /// <summary>Answers in place of all rules, as long as it is set.</summary>
    public int? BrokenWith { get; set; }

    /// <summary>By what each request found its answer: kind and name.</summary>
    public ConcurrentQueue<string> Served { get; } = new();

    /// <summary>Kinds of rules that count.</summary>
    public bool HasGateway { get; set; }

    public static async Task<Edge> StartAsync(TestCluster cluster, int port)
    {
        var edge = new Edge(cluster, port);
        await edge._application.StartAsync();
        return edge;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
        _http.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        string host = context.Request.Host.Host;
        string path = context.Request.Path.Value ?? "";
        if (BrokenWith is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        if (await FindBackendAsync(host, path) is { } backend)
        {
            await ForwardAsync(context, backend.Service, path);
            Served.Enqueue(backend.Rule);
        }
        else if (await FindFileAsync(path) is { } file)
        {
            Served.Enqueue($"ConfigMap {Webroot}");
            await context.Response.WriteAsync(file);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private async Task<(string Rule, string Service)?> FindBackendAsync(string host, string path)
    {
        foreach (Ingress ingress in await ListAsync(NetworkResources.Ingresses))
        {
            if (ingress.Spec.IngressClassName == ClassName
                && ingress.Spec.Rules.FirstOrDefault(r => r.Host == host)?.Http?.Paths.Find(p => p.Path == path && p.PathType == "Exact") is { } found)
            {
                return ($"Ingress {ingress.Metadata.Name}", found.Backend.Service!.Name);
            }
        }

        foreach (HttpRoute route in HasGateway ? await ListAsync(NetworkResources.HttpRoutes) : [])
        {
            if (route.Spec.ParentRefs.Exists(p => p.Name == GatewayName) && route.Spec.Hostnames?.Contains(host) == true
                && route.Spec.Rules.Find(r => r.Matches.Exists(m => m.Path is { Type: "Exact" } exact && exact.Value == path)) is { } found)
            {
                return ($"HTTPRoute {route.Metadata.Name}", found.BackendRefs[0].Name);
            }
        }

        return null;
    }

    private async Task ForwardAsync(HttpContext context, string serviceName, string path)
    {
        Service service = await _cluster.Resource(NetworkResources.Services).GetAsync(_cluster.Name(serviceName), context.RequestAborted);
        string portName = service.Spec.Ports.Single(p => p.Port == 80).Name!;
        foreach (EndpointSlice slice in await ListAsync(NetworkResources.EndpointSlicesBeta, $"{EndpointSlice.ServiceLabel}={serviceName}"))
        {
            string address = slice.Endpoints.First(e => e.Conditions?.Ready == true).Addresses[0];
            int port = slice.Ports.Single(p => p.Name == portName).Port!.Value;
            if (Pods.TryGetValue(address, out int listening) && listening == port)
            {
                using HttpResponseMessage answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"), context.RequestAborted);
                context.Response.StatusCode = (int)answer.StatusCode;
                await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
                return;
            }
        }

        context.Response.StatusCode = 503;
    }

    private async Task<string?> FindFileAsync(string path)
    {
        ConfigMap? files = path.StartsWith(Prefix, StringComparison.Ordinal) ? await _cluster.Resource(CoreResources.ConfigMaps).FindAsync(_cluster.Name(Webroot), CancellationToken.None) : null;
        return files?.Data?.GetValueOrDefault(path[Prefix.Length..]);
    }

    private async Task<IReadOnlyList<T>> ListAsync<T>(ResourceDefinition<T> definition, string? selector = null)
        where T : class, IKubernetesObject
        => (await _cluster.Resource(definition).ListPageAsync(new ListOptions { Namespace = _cluster.Namespace, LabelSelector = selector }, CancellationToken.None)).Items;
}
