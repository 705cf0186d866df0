using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CertOperator.TestSupport.Proxies;

/// <summary>
/// An HTTPS server that forwards to another one, with a certificate of its own. The Host header stays, so that URLs which the
/// server makes lead back to the proxy.
/// </summary>
internal sealed class HttpsProxy : IAsyncDisposable
{
    // Of the connection, or set anew by the sending side (RFC 9110, section 7.6.1).
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Host", "Content-Length", "Accept-Encoding", "Date",
    };

    private readonly HttpClient _upstream;
    private readonly Uri _server;
    private readonly Func<ProxiedRequest, Func<ProxiedRequest, Task<ProxiedAnswer>>, Task<ProxiedAnswer>> _handle;
    private readonly Func<ProxiedRequest, bool> _isStream;
    private readonly HttpsServer _listener;
    private CancellationTokenSource _streams = new();

    /// <param name="server">Whom to forward to.</param>
    /// <param name="upstream">Trusts that server; disposed with the proxy.</param>
    /// <param name="handle">Answers a request, by the forwarding function it gets or otherwise.</param>
    /// <param name="isStream">Requests whose answer is endless: they are passed through as they come.</param>
    public HttpsProxy(Uri server, HttpClient upstream, Func<ProxiedRequest, Func<ProxiedRequest, Task<ProxiedAnswer>>, Task<ProxiedAnswer>> handle, Func<ProxiedRequest, bool> isStream)
    {
        _server = server;
        _upstream = upstream;
        _upstream.Timeout = Timeout.InfiniteTimeSpan;
        _handle = handle;
        _isStream = isStream;
        _listener = new HttpsServer("Proxy CA", HandleAsync, HttpProtocols.Http1AndHttp2, namesItself: false);
    }

    public Uri Address => _listener.Address;

    public string CaPem => _listener.CaPem;

    /// <summary>Breaks off the streams there are, and every new one at once.</summary>
    public void BlockStreams() => _streams.Cancel();

    public void AllowStreams() => _streams = new CancellationTokenSource();

    public Task StartAsync() => _listener.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _upstream.Dispose();
        _streams.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = new ProxiedRequest(
            context.Request.Method,
            $"{context.Request.Path.ToUriComponent()}{context.Request.QueryString.ToUriComponent()}",
            [.. context.Request.Headers.Where(h => !IsOfConnection(h.Key)).SelectMany(h => h.Value.Select(v => KeyValuePair.Create(h.Key, v ?? "")))],
            body.ToArray());
        string host = context.Request.Host.ToString();
        try
        {
            if (_isStream(request))
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _streams.Token);
                await StreamAsync(context, request, host, either.Token);
                return;
            }

            ProxiedAnswer answer = await _handle(request, r => ForwardAsync(r, host));
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

            if (request.Method != "HEAD" && answer.Status is not (204 or 304))
            {
                context.Response.ContentLength = answer.Body.Length;
                await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // One of the two sides is gone; what the other side sees is a broken connection, as without a proxy.
            context.Abort();
        }
    }

    // Not bound to the client's connection: what the server was asked for, it does, also when the client is killed.
    private async Task<ProxiedAnswer> ForwardAsync(ProxiedRequest request, string host)
    {
        using HttpRequestMessage message = Message(request, host);
        using HttpResponseMessage response = await _upstream.SendAsync(message, CancellationToken.None);
        byte[] body = await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
        return new ProxiedAnswer((int)response.StatusCode, [.. HeadersOf(response)], body);
    }

    private async Task StreamAsync(HttpContext context, ProxiedRequest request, string host, CancellationToken ct)
    {
        using HttpRequestMessage message = Message(request, host);
        using HttpResponseMessage response = await _upstream.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ct);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach ((string name, string value) in HeadersOf(response))
        {
            context.Response.Headers.Append(name, value);
        }

        await context.Response.Body.FlushAsync(ct);
        await using Stream stream = await response.Content.ReadAsStreamAsync(ct);
        byte[] buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, ct) is > 0 and var read)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), ct);
            await context.Response.Body.FlushAsync(ct);
        }
    }

    private HttpRequestMessage Message(ProxiedRequest request, string host)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_server, request.Target));
        if (request.Body.Length > 0 || request.Method is "POST" or "PUT" or "PATCH")
        {
            message.Content = new ByteArrayContent(request.Body);
        }

        foreach ((string name, string value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        message.Headers.Host = host;
        return message;
    }

    private static IEnumerable<KeyValuePair<string, string>> HeadersOf(HttpResponseMessage response) =>
        response.Headers.Concat(response.Content.Headers)
            .Where(h => !IsOfConnection(h.Key))
            .SelectMany(h => h.Value.Select(v => KeyValuePair.Create(h.Key, v)));

    // HTTP/2 has its request line as headers that start with a colon.
    private static bool IsOfConnection(string header) => header.StartsWith(':') || NotForwarded.Contains(header);
}
