using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Hosting;

/// <summary>One port with one handler: Kestrel without a host, a service container or middleware, which would cost memory and offer nothing here.</summary>
public sealed class ListeningPort : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly PortSettings _settings;
    private readonly RequestDelegate _handler;
    private readonly KestrelServer _server;

    /// <summary>A port that is not open yet. What the handler throws ends in a 500 and the log of Kestrel.</summary>
    public ListeningPort(PortSettings settings, RequestDelegate handler, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _handler = handler;
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestHeadersTotalSize = 8 * 1024;
        options.Limits.MaxRequestLineSize = 4 * 1024;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.RequestHeadersTimeout = Patience;
        options.Limits.KeepAliveTimeout = Patience;
        options.Limits.MaxConcurrentConnections = settings.MaxConnections;
        options.Listen(settings.EndPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (settings.Certificate is { } certificate)
            {
                ((IConnectionBuilder)listen).Use(next => new TlsConnections(certificate, Patience, next).OnConnectionAsync);
            }
        });
        var transport = new SocketTransportFactory(Microsoft.Extensions.Options.Options.Create(new SocketTransportOptions()), loggers);
        _server = new KestrelServer(Microsoft.Extensions.Options.Options.Create(options), transport, loggers);
    }

    public string Name => _settings.Name;

    /// <summary>Where it listens, with the real port, once it has started.</summary>
    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.None, 0);

    /// <exception cref="ListenException">The address is taken, not of this machine, or needs rights.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        try
        {
            await _server.StartAsync(new Application(_handler), ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            var why = e is AddressInUseException || e.InnerException is AddressInUseException
                ? "the address is in use"
                : (e.InnerException ?? e).Message;
            throw new ListenException(
                $"Cannot listen on {_settings.EndPoint} for {_settings.Name}: {why}. Choose another address with {_settings.Option}.", e);
        }

        var address = new Uri(_server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        EndPoint = new IPEndPoint(_settings.EndPoint.Address, address.Port);
    }

    /// <summary>Takes no more connections and waits for requests in progress until the token is cancelled, which cuts them off.</summary>
    public Task StopAsync(CancellationToken ct) => _server.StopAsync(ct);

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Application(RequestDelegate handler) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handler(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
