using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertOperator.EndToEnd.Harness;

/// <summary>
/// What a Service in a cluster does for http-01: stands where the CA asks, and leads to an operator that lives. While none does, the
/// CA waits, as it would for one of several replicas.
/// </summary>
public sealed class Http01Service : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly Func<IReadOnlyList<OperatorUnderTest>> _backends;
    private readonly WebApplication _application;

    private Http01Service(int port, Func<IReadOnlyList<OperatorUnderTest>> backends)
    {
        _backends = backends;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _application = builder.Build();
        _application.Run(HandleAsync);
    }

    public static async Task<Http01Service> StartAsync(int port, Func<IReadOnlyList<OperatorUnderTest>> backends)
    {
        var service = new Http01Service(port, backends);
        await service._application.StartAsync();
        return service;
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
        while (!context.RequestAborted.IsCancellationRequested)
        {
            foreach (OperatorUnderTest backend in _backends().Where(o => !o.HasExited))
            {
                if (await AskAsync(backend, context))
                {
                    return;
                }
            }

            await Task.WhenAny(Task.Delay(Pause, TimeProvider.System, context.RequestAborted));
        }
    }

    private async Task<bool> AskAsync(OperatorUnderTest backend, HttpContext context)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{backend.Http01Port}{context.Request.Path}"), context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // Not up yet, or killed in the middle of the answer.
            return false;
        }
    }
}
