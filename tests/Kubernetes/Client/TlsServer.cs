using System.Net;
using System.Security.Cryptography.X509Certificates;
using CertOperator.TestSupport;
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

    /// <summary>Answers "protocol, subject of the client certificate, Authorization, host name asked for", and a watch with an object named after its protocol.</summary>
    public static async Task<TlsServer> StartAsync(X509Certificate2 certificate, params X509Certificate2[] chain)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, FreePort.Next(), listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = [.. chain];
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (_, _, _) => true;
        })));
        var application = builder.Build();
        application.Map("/{**path}", Describe);
        await application.StartAsync();
        return new TlsServer(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static string Describe(HttpContext context)
    {
        var request = context.Request;
        return request.Query.ContainsKey("watch")
            ? "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"" + request.Protocol + "\"}}}\n"
            : string.Join(", ", request.Protocol, context.Connection.ClientCertificate?.Subject ?? "nobody", request.Headers.Authorization, request.Host.Host);
    }
}
