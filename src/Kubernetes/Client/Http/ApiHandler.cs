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
            // A silently dead peer: unanswered pings end HTTP/2 streams after 45 s, TCP keepalive does so for HTTP/1.1.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = ConnectAsync,
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

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connected = false;
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
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
}
