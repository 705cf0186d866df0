using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>A web server over TLS that answers with what it saw of the connection.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TlsServer(WebApplication application) => _application = application;

    public Uri Url => new(_application.Urls.Single());

    /// <summary>Answers "protocol, subject of the client certificate, Authorization, host name asked for".</summary>
    public static async Task<TlsServer> StartAsync(X509Certificate2 certificate, params X509Certificate2[] chain)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = [.. chain];
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (_, _, _) => true;
        })));
        var application = builder.Build();
        application.Map("/{**path}", (HttpContext context) => string.Join(
            ", ",
            context.Request.Protocol,
            context.Connection.ClientCertificate?.Subject ?? "nobody",
            context.Request.Headers.Authorization.ToString(),
            context.Request.Host.Host));
        await application.StartAsync();
        return new TlsServer(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
