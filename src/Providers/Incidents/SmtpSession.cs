using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Incidents;

/// <summary>A connection to a mail server as a submitting client has it (RFC 5321, RFC 3207, RFC 4954).</summary>
internal sealed class SmtpSession : IAsyncDisposable
{
    private readonly MailServer _server;
    private readonly string _self;
    private Stream _stream;
    private SmtpReplyReader _replies;
    private SmtpReply _hello = new(0, []);

    private SmtpSession(MailServer server, NetworkStream stream)
    {
        _server = server;
        _self = SmtpClientName.Of(stream);
        _stream = stream;
        _replies = new SmtpReplyReader(stream, server.Host);
    }

    /// <summary>Connects, encrypts and logs in, as far as the server's settings say.</summary>
    public static async Task<SmtpSession> OpenAsync(EgressDialer dialer, MailServer server, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var session = new SmtpSession(server, await dialer.DialAsync(server.Host, server.Port, cancellationToken));
        try
        {
            Expect(await session._replies.ReadAsync(cancellationToken), 220, "the connection", server);
            await session.GreetAsync(cancellationToken);
            if (server.StartTls)
            {
                await session.EncryptAsync(timeProvider, cancellationToken);
                await session.GreetAsync(cancellationToken);
            }

            if (server.Login is { } login)
            {
                await session.LogInAsync(login, cancellationToken);
            }

            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <param name="from">The sender's address.</param>
    /// <param name="to">The receiver's address.</param>
    /// <param name="message">Header and body; no line may begin with a dot.</param>
    /// <param name="cancellationToken">Ends the session.</param>
    public async Task SendAsync(string from, string to, byte[] message, CancellationToken cancellationToken)
    {
        Expect(await AskAsync($"MAIL FROM:<{from}>", cancellationToken), 250, $"the sender {from}", _server);
        Expect(await AskAsync($"RCPT TO:<{to}>", cancellationToken), 250, $"the receiver {to}", _server);
        Expect(await AskAsync("DATA", cancellationToken), 354, "the message", _server);
        await _stream.WriteAsync(message, cancellationToken);
        Expect(await AskAsync(".", cancellationToken), 250, "the message", _server);

        try
        {
            await _stream.WriteAsync("QUIT\r\n"u8.ToArray(), cancellationToken);
        }
        catch (IOException)
        {
            // The mail is on its way. A server that hangs up at once must not be sent it again.
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task GreetAsync(CancellationToken cancellationToken)
        => Expect(_hello = await AskAsync($"EHLO {_self}", cancellationToken), 250, "EHLO", _server);

    private async Task EncryptAsync(TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (!_hello.Lines.Any(l => l.Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
        {
            throw new IncidentDeliveryException($"{_server.Host} offers no STARTTLS. Use another port or server, or set spec.incidents.email.startTls: false to send without encryption.", canRetry: false);
        }

        Expect(await AskAsync("STARTTLS", cancellationToken), 220, "STARTTLS", _server);
        if (_replies.HasMore)
        {
            // RFC 3207, section 5: somebody between could have put replies there that would be taken for encrypted ones.
            throw new IncidentDeliveryException($"{_server.Host} sent more than one answer to STARTTLS; somebody may stand in between.", canRetry: true);
        }

        using var bundle = string.IsNullOrWhiteSpace(_server.CaBundle) ? null : CaBundle.Parse(_server.CaBundle);
        var ssl = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = ssl;
        await ssl.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = _server.Host,
                CertificateChainPolicy = ServerTrust.ChainPolicy(bundle),
                AllowRenegotiation = false,
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) => errors == SslPolicyErrors.None || IsTrusted(certificate, chain, errors, bundle, timeProvider),
            },
            cancellationToken);
        _replies = new SmtpReplyReader(ssl, _server.Host);
    }

    private bool IsTrusted(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, CaBundle? bundle, TimeProvider timeProvider)
    {
        var found = ServerTrust.Judge(_server.Host, certificate as X509Certificate2, chain, errors, bundle, timeProvider.GetUtcNow());
        return found.Count == 0 ? true : throw new ServerNotTrustedException(_server.Host, found);
    }

    private async Task LogInAsync(MailLogin login, CancellationToken cancellationToken)
    {
        var mechanisms = _hello.Lines.FirstOrDefault(l => l.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase))?.Split(' ').Skip(1).ToHashSet(StringComparer.OrdinalIgnoreCase) ?? [];
        SmtpReply reply;
        if (mechanisms.Contains("PLAIN"))
        {
            reply = await AskAsync($"AUTH PLAIN {Base64($"\0{login.Username}\0{login.Password}")}", cancellationToken);
        }
        else if (mechanisms.Contains("LOGIN"))
        {
            reply = await AskAsync("AUTH LOGIN", cancellationToken);
            reply = reply.Code == 334 ? await AskAsync(Base64(login.Username), cancellationToken) : reply;
            reply = reply.Code == 334 ? await AskAsync(Base64(login.Password), cancellationToken) : reply;
        }
        else
        {
            throw new IncidentDeliveryException($"{_server.Host} offers neither AUTH PLAIN nor AUTH LOGIN. Use another port or server, or remove spec.incidents.email.credentialsSecretName.", canRetry: false);
        }

        // Its text is left out: a server could repeat the password.
        Expect(reply with { Lines = [] }, 235, "the login", _server);
    }

    private async Task<SmtpReply> AskAsync(string command, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellationToken);
        return await _replies.ReadAsync(cancellationToken);
    }

    private static void Expect(SmtpReply reply, int code, string what, MailServer server)
    {
        // Any reply of the kind will do: 251 for 250, for instance.
        if (reply.Code / 100 != code / 100)
        {
            var text = reply.Lines.Count == 0 ? "" : " " + IncidentText.Line(string.Join(' ', reply.Lines), 300);
            throw new IncidentDeliveryException(string.Create(CultureInfo.InvariantCulture, $"{server.Host} refused {what}: {reply.Code}{text}"), canRetry: reply.Code / 100 == 4);
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
