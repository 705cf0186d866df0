using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.Providers.Tests.Probing;

/// <summary>A server on loopback that talks with one client after the other as a test has written it, and then does TLS.</summary>
internal sealed class PlainTextServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, FreePort.Next());
    private readonly CancellationTokenSource _stop = new();
    private readonly SslStreamCertificateContext _certificate;
    private readonly Func<PlainTextServer, Stream, Task> _talk;
    private readonly Task _serving;

    /// <param name="certificate">What it serves.</param>
    /// <param name="talk">Everything up to the TLS handshake.</param>
    public PlainTextServer(ServerCertificate certificate, Func<PlainTextServer, Stream, Task> talk)
    {
        _talk = talk;
        _certificate = SslStreamCertificateContext.Create(certificate.Certificate, certificate.Issuers, offline: true);
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The lines that the client sent in plain text.</summary>
    public ConcurrentQueue<string> Heard { get; } = new();

    public Task SayAsync(Stream stream, string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), _stop.Token).AsTask();

    /// <summary>Hears one line, then answers.</summary>
    public async Task AnswerAsync(Stream stream, string text)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (one[0] != '\n' && await stream.ReadAsync(one, _stop.Token) == 1)
        {
            line.Add(one[0]);
        }

        Heard.Enqueue(Encoding.Latin1.GetString([.. line]).TrimEnd());
        await SayAsync(stream, text);
    }

    public async Task<byte[]> HearAsync(Stream stream, int bytes)
    {
        var heard = new byte[bytes];
        await stream.ReadExactlyAsync(heard, _stop.Token);
        return heard;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await ServeOneAsync();
        }
    }

    private async Task ServeOneAsync()
    {
        try
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            var stream = client.GetStream();
            await _talk(this, stream);
            await using var ssl = new SslStream(stream);
            await ssl.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _certificate }, _stop.Token);
            await ssl.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, _stop.Token);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // What the client makes of it is the test's business.
        }
    }
}
