using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.Providers.Tests.Egress;

/// <summary>A TLS server on loopback that answers each HTTP request with one fixed answer.</summary>
internal sealed class TestTlsServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly SslServerAuthenticationOptions _options;
    private readonly string _answer;
    private readonly Task _loop;

    public TestTlsServer(ServerCertificate certificate, string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", SslProtocols protocols = SslProtocols.None)
    {
        _answer = answer;
        _options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Certificate, certificate.Issuers, offline: true),
            EnabledSslProtocols = protocols,
        };
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The names that clients sent in SNI, empty for none.</summary>
    public ConcurrentQueue<string> ServerNames { get; } = new();

    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Connections++;
                serving.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    // A client that has what it wants may be gone before the handshake ends here; its name has been heard by then.
    private ValueTask<SslServerAuthenticationOptions> OptionsFor(SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken ct)
    {
        ServerNames.Enqueue(hello.ServerName);
        return ValueTask.FromResult(_options);
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            await using (var ssl = new SslStream(client.GetStream()))
            {
                await ssl.AuthenticateAsServerAsync(OptionsFor, null, _stop.Token);
                var buffer = new byte[8192];
                while (await ssl.ReadAsync(buffer, _stop.Token) > 0)
                {
                    await ssl.WriteAsync(Encoding.ASCII.GetBytes(_answer), _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException)
        {
            // The client's verdict on the certificate is the test's business.
        }
    }
}
