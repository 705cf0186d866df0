using System.Net;
using CertOperator.TestSupport.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace CertOperator.TestSupport;

/// <summary>An HTTPS server on 127.0.0.1 with a CA of its own, for whatever a test lets answer there.</summary>
internal sealed class HttpsServer : IAsyncDisposable
{
    private readonly TestAuthority _authority;
    private readonly IssuedLeaf _leaf;
    private readonly WebApplication _application;

    /// <param name="authority">Common name of the CA.</param>
    /// <param name="handle">Answers a request.</param>
    /// <param name="protocols">What it speaks. <value>Kestrel's default.</value></param>
    /// <param name="namesItself">Whether answers have a Server header.</param>
    public HttpsServer(string authority, RequestDelegate handle, HttpProtocols? protocols = null, bool namesItself = true)
    {
        _authority = TestAuthority.CreateRoot(TimeProvider.System, authority);
        _leaf = _authority.Issue(new LeafRequest("localhost", "127.0.0.1"));
        int port = FreePort.Next();
        Address = new Uri($"https://127.0.0.1:{port}");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = namesItself;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = protocols ?? listen.Protocols;
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = _leaf.ServerSide().Certificate });
            });
        });
        _application = builder.Build();
        _application.Run(handle);
    }

    public Uri Address { get; }

    /// <summary>What a client has to trust.</summary>
    public string CaPem => _authority.Pem;

    public Task StartAsync() => _application.StartAsync();

    /// <summary>Ends at once, whatever is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
        _leaf.Dispose();
        _authority.Dispose();
    }
}
