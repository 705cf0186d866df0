using System.Collections.Concurrent;
using System.Net;
using CertOperator.TestSupport.Proxies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertOperator.TestSupport;

/// <summary>A plain HTTP server on 127.0.0.1 that keeps every request, whole, and answers as the test says.</summary>
public sealed class HttpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    private readonly WebApplication _application;

    private HttpReceiver()
    {
        int port = FreePort.Next();
        Address = new Uri($"http://127.0.0.1:{port}");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _application = builder.Build();
        _application.Run(HandleAsync);
    }

    public Uri Address { get; }

    /// <summary>What has come so far, in that order, answered or not.</summary>
    public IReadOnlyList<ProxiedRequest> Requests => [.. _requests];

    /// <summary>Gives the answer to a request. <value>202 without a body.</value></summary>
    public Func<ProxiedRequest, Task<ProxiedAnswer>> Answer { get; set; } = _ => Task.FromResult(ProxiedAnswer.Of(202, "application/json", "{}"));

    public static async Task<HttpReceiver> StartAsync()
    {
        var receiver = new HttpReceiver();
        await receiver._application.StartAsync();
        return receiver;
    }

    /// <summary>Answers every request from now on with this.</summary>
    public void AnswerWith(ProxiedAnswer answer) => Answer = _ => Task.FromResult(answer);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = new ProxiedRequest(
            context.Request.Method,
            $"{context.Request.Path.ToUriComponent()}{context.Request.QueryString.ToUriComponent()}",
            [.. context.Request.Headers.SelectMany(h => h.Value.Select(v => KeyValuePair.Create(h.Key, v ?? "")))],
            body.ToArray());
        _requests.Enqueue(request);
        ProxiedAnswer answer = await Answer(request);
        if (answer == ProxiedAnswer.Dropped)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach ((string name, string value) in answer.Headers)
        {
            context.Response.Headers.Append(name, value);
        }

        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}
