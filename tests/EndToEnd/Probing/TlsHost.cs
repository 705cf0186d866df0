using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.EndToEnd.Probing;

/// <summary>A TLS server that serves what a test gives it, until it is given something else.</summary>
internal sealed class TlsHost : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private volatile SslStreamCertificateContext _certificate;
    private int _connections;

    private TlsHost(string hostname)
    {
        Port = FreePort.Next();
        using TestAuthority authority = TestAuthority.CreateRoot(TimeProvider.System, "Old CA");
        using IssuedLeaf leaf = authority.Issue(new LeafRequest(hostname));
        _certificate = SslStreamCertificateContext.Create(leaf.ServerSide().Certificate, null, offline: true);
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port { get; }

    public int Connections => _connections;

    /// <summary>A host that serves a certificate which is not the policy's.</summary>
    public static TlsHost Start(PolicyBuilder policy) => new(policy.Hostname);

    /// <summary>How a policy asks this host.</summary>
    public VerifySpec Verify(PolicyBuilder policy, int timeoutSeconds = 1)
        => new() { Endpoints = [Endpoint(policy)], ConnectTo = "127.0.0.1", TimeoutSeconds = timeoutSeconds };

    public string Endpoint(PolicyBuilder policy) => string.Create(CultureInfo.InvariantCulture, $"{policy.Hostname}:{Port}");

    /// <summary>Reads the Secret again, as a server does that was restarted.</summary>
    public void Load(Secret secret)
    {
        using var pair = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(secret.Data!["tls.crt"]), Encoding.ASCII.GetString(secret.Data["tls.key"]));
        var issuers = new X509Certificate2Collection();
        issuers.ImportFromPem(Encoding.ASCII.GetString(secret.Data["tls.crt"]));

        // A key that exists in memory only is not taken by every platform.
        _certificate = SslStreamCertificateContext.Create(X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null), issuers, offline: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            using (client)
            await using (var ssl = new SslStream(client.GetStream()))
            {
                await ssl.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _certificate }, _stop.Token);
                await ssl.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException)
        {
            // The client has seen what it wanted to see.
        }
    }
}
