using System.Net;
using System.Net.Sockets;

namespace CertOperator.Kubernetes;

/// <summary>Makes the connection pool.</summary>
internal static class ApiHandler
{
    public static SocketsHttpHandler Create(KubernetesClientConfiguration configuration, TlsIdentity identity)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // The API server compresses from 128 KiB on, which costs both sides more time than a cluster's network saves.
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            // Follows a changed address of the server; requests in progress, watches too, end in their own time.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            // A silently dead peer is noticed by unanswered pings in HTTP/2, and by TCP's own keepalive in HTTP/1.1.
            KeepAlivePingDelay = configuration.KeepAliveDelay,
            KeepAlivePingTimeout = configuration.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(context, configuration, cancellationToken),
        };
        if (configuration.ProxyUrl is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy);
        }
        else
        {
            handler.UseProxy = configuration.UseEnvironmentProxy;
        }

        handler.SslOptions.ClientCertificateContext = identity.ClientCertificate;
        ServerTrust.Apply(handler.SslOptions, identity.Authorities, configuration.InsecureSkipTlsVerify);
        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, KubernetesClientConfiguration configuration, CancellationToken cancellationToken)
    {
        const int Probes = 3;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connected = false;
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(configuration.KeepAliveDelay));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(configuration.KeepAliveTimeout / Probes));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            connected = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        finally
        {
            if (!connected)
            {
                socket.Dispose();
            }
        }
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)time.TotalSeconds);
}
