using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using CertOperator.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertOperator.EndToEnd.Deployments;

/// <summary>A server that takes webhooks as their owner would: it looks at the signature before it looks at anything else.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedWebhook> _received = new();
    private readonly WebApplication _application;
    private readonly byte[] _key;

    private WebhookReceiver(int port, string key)
    {
        (Port, _key) = (port, Encoding.UTF8.GetBytes(key));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _application = builder.Build();
        _application.Run(HandleAsync);
    }

    public int Port { get; }

    /// <summary>What a request is answered, by its path and how many came there before. Default: 204.</summary>
    public Func<string, int, HttpResponse, int> Answer { get; set; } = (_, _, _) => StatusCodes.Status204NoContent;

    public IReadOnlyList<ReceivedWebhook> Received => [.. _received];

    public static async Task<WebhookReceiver> StartAsync(string key)
    {
        var receiver = new WebhookReceiver(FreePort.Next(), key);
        await receiver._application.StartAsync();
        return receiver;
    }

    public string Url(string path) => $"http://127.0.0.1:{Port}{path}";

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        string target = context.Request.Path + context.Request.QueryString.Value;
        string timestamp = context.Request.Headers["CertOperator-Timestamp"].ToString();
        byte[] signed = [.. Encoding.ASCII.GetBytes(timestamp + "."), .. body.ToArray()];
        string expected = "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(_key, signed));
        bool good = context.Request.Headers["CertOperator-Signature"] == expected
            && TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(long.Parse(timestamp, CultureInfo.InvariantCulture)) < TimeSpan.FromMinutes(5);
        int before = _received.Count(r => r.Target == target);
        _received.Enqueue(new ReceivedWebhook(
            target,
            good,
            context.Request.Headers["CertOperator-Event"].ToString(),
            context.Request.Headers["CertOperator-Delivery"].ToString(),
            $"{context.Request.Method} {context.Request.ContentType}",
            Encoding.UTF8.GetString(body.ToArray())));
        context.Response.StatusCode = good ? Answer(target, before, context.Response) : StatusCodes.Status401Unauthorized;
    }
}

/// <summary>A message as it came.</summary>
internal sealed record ReceivedWebhook(string Target, bool Signed, string Event, string Delivery, string MethodAndType, string Body);
