using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.Providers.Tests.Incidents;

/// <summary>A mail server whose replies a test chooses, and which keeps every line that it is sent.</summary>
internal sealed class FakeMailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TestAuthority _authority = TestAuthority.CreateRoot(TimeProvider.System, "Mail CA");
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly SslStreamCertificateContext _certificate;
    private readonly Task _loop;

    public FakeMailServer()
    {
        using IssuedLeaf leaf = _authority.Issue(new LeafRequest("127.0.0.1"));
        ServerCertificate server = leaf.ServerSide();
        _certificate = SslStreamCertificateContext.Create(server.Certificate, server.Issuers, offline: true);
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string CaPem => _authority.Pem;

    /// <summary>Everything the client said; those that came encrypted begin with "tls:".</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>Replies by the first word of a command; "" is the greeting, "." the end of the message.</summary>
    public Dictionary<string, string> Replies { get; } = new(StringComparer.Ordinal)
    {
        [""] = "220 mail.example.com ready",
        ["EHLO"] = "250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN",
        ["STARTTLS"] = "220 go ahead",
        ["AUTH"] = "235 welcome",
        ["MAIL"] = "250 ok",
        ["RCPT"] = "250 ok",
        ["DATA"] = "354 go on",
        ["."] = "250 taken",
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
        _authority.Dispose();
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
        try
        {
            using (client)
            {
                await TalkAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException)
        {
            // What the client makes of it is the test's business.
        }
    }

    private async Task TalkAsync(Stream stream)
    {
        string prefix = "";
        bool inMessage = false;
        await SayAsync(stream, Replies[""]);
        while (await ReadLineAsync(stream) is { } line)
        {
            _lines.Enqueue(prefix + line);
            if (inMessage && line != ".")
            {
                continue;
            }

            // What a client says in the course of AUTH LOGIN is no command.
            string reply = Replies.GetValueOrDefault(line.Split(' ')[0]) ?? Replies["AUTH"];
            if (line == "QUIT")
            {
                return;
            }

            await SayAsync(stream, line.StartsWith("AUTH LOGIN", StringComparison.Ordinal) ? "334 VXNlcm5hbWU6" : reply);
            inMessage = line == "DATA" && reply.StartsWith('3');
            if (line == "STARTTLS" && reply.StartsWith('2'))
            {
                var ssl = new SslStream(stream);
                await ssl.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _certificate }, _stop.Token);
                (stream, prefix) = (ssl, "tls:");
            }
        }
    }

    private async Task SayAsync(Stream stream, string reply) => await stream.WriteAsync(Encoding.Latin1.GetBytes(reply + "\r\n"), _stop.Token);

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.Latin1.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(one[0]);
        }

        return null;
    }
}
