using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Probing;

/// <summary>What a client and a server say to each other in plain text until TLS begins.</summary>
internal static class StartTlsDialogue
{
    /// <summary>An SSLRequest carries this in the place of a protocol version (PostgreSQL documentation, message formats).</summary>
    private const int PostgresSslRequest = 80877103;

    private const string ImapTag = "a1";
    private const int MaxLines = 100;
    private const int MaxLineBytes = 2048;

    /// <summary>Talks until the next byte is the first of a TLS handshake.</summary>
    /// <exception cref="StartTlsException">The server does not want TLS, or speaks something else.</exception>
    public static Task BeginAsync(NetworkStream stream, StartTlsProtocol protocol, string endpoint, CancellationToken ct) => protocol switch
    {
        StartTlsProtocol.Smtp => SmtpAsync(stream, endpoint, ct),
        StartTlsProtocol.Imap => ImapAsync(stream, endpoint, ct),
        StartTlsProtocol.Postgres => PostgresAsync(stream, endpoint, ct),
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };

    /// <summary>RFC 3207.</summary>
    private static async Task SmtpAsync(NetworkStream stream, string endpoint, CancellationToken ct)
    {
        var lines = new LineReader(stream, MaxLineBytes);
        await ExpectAsync("its greeting", 220);
        await SayAsync(stream, $"EHLO {SmtpClientName.Of(stream)}", ct);
        await ExpectAsync("EHLO", 250);
        await SayAsync(stream, "STARTTLS", ct);
        await ExpectAsync("STARTTLS", 220);
        RefuseMore(lines, endpoint);

        async Task ExpectAsync(string what, int code)
        {
            var reply = await SmtpCodeAsync(lines, endpoint, ct);
            if (reply != code)
            {
                throw new StartTlsException(string.Create(CultureInfo.InvariantCulture, $"{endpoint} answered {reply} where {code} was expected, to {what}. Check that it offers STARTTLS there."));
            }
        }
    }

    /// <summary>RFC 5321, section 4.2: a reply has one line or several, all but the last with a hyphen after the code.</summary>
    private static async Task<int> SmtpCodeAsync(LineReader lines, string endpoint, CancellationToken ct)
    {
        for (var i = 0; i < MaxLines; i++)
        {
            var line = await NextAsync(lines, "SMTP", endpoint, ct);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || (line.Length > 3 && line[3] is not (' ' or '-')))
            {
                throw Foreign("SMTP", endpoint);
            }

            if (line.Length == 3 || line[3] == ' ')
            {
                return code;
            }
        }

        throw Foreign("SMTP", endpoint);
    }

    /// <summary>RFC 9051, sections 6.2.1 and 7.1.</summary>
    private static async Task ImapAsync(NetworkStream stream, string endpoint, CancellationToken ct)
    {
        var lines = new LineReader(stream, MaxLineBytes);
        var greeting = await NextAsync(lines, "IMAP", endpoint, ct);
        if (!IsWord(greeting, "* OK"))
        {
            throw IsWord(greeting, "* BYE") || IsWord(greeting, "* PREAUTH")
                ? new StartTlsException($"{endpoint} speaks IMAP and does not take STARTTLS from the operator. Check what it allows the operator's address.")
                : Foreign("IMAP", endpoint);
        }

        await SayAsync(stream, $"{ImapTag} STARTTLS", ct);
        for (var i = 0; i < MaxLines; i++)
        {
            var line = await NextAsync(lines, "IMAP", endpoint, ct);
            if (IsWord(line, $"{ImapTag} OK"))
            {
                RefuseMore(lines, endpoint);
                return;
            }

            if (!line.StartsWith('*'))
            {
                throw line.StartsWith($"{ImapTag} ", StringComparison.Ordinal)
                    ? new StartTlsException($"{endpoint} speaks IMAP and refused STARTTLS. Check that it offers it at that port.")
                    : Foreign("IMAP", endpoint);
            }
        }

        throw Foreign("IMAP", endpoint);
    }

    private static async Task PostgresAsync(NetworkStream stream, string endpoint, CancellationToken ct)
    {
        var request = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(request, request.Length);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(4), PostgresSslRequest);
        await stream.WriteAsync(request, ct);

        // One byte and no more: what followed it in the clear would be taken for a part of the handshake, which then fails.
        var answer = new byte[1];
        if (await stream.ReadAsync(answer, ct) == 0)
        {
            throw Closed(endpoint);
        }

        if (answer[0] != 'S')
        {
            throw answer[0] == 'N'
                ? new StartTlsException($"{endpoint} is a PostgreSQL server that does no TLS. Set ssl = on there, with the certificate of the Secret.")
                : Foreign("PostgreSQL", endpoint);
        }
    }

    private static async Task<string> NextAsync(LineReader lines, string protocol, string endpoint, CancellationToken ct)
    {
        try
        {
            return await lines.ReadAsync(ct) ?? throw Closed(endpoint);
        }
        catch (InvalidDataException)
        {
            throw Foreign(protocol, endpoint);
        }
    }

    private static async Task SayAsync(NetworkStream stream, string line, CancellationToken ct) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), ct);

    /// <summary>The word alone or followed by a blank, in any case of letters.</summary>
    private static bool IsWord(string line, string word)
        => line.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (line.Length == word.Length || line[word.Length] == ' ');

    /// <summary>RFC 3207, section 5: somebody between could have put text there that would be taken for encrypted.</summary>
    private static void RefuseMore(LineReader lines, string endpoint)
    {
        if (lines.HasMore)
        {
            throw new StartTlsException($"{endpoint} went on in plain text after it had agreed to TLS; somebody may stand in between.");
        }
    }

    private static StartTlsException Closed(string endpoint) => new($"{endpoint} closed the connection before TLS began.");

    private static StartTlsException Foreign(string protocol, string endpoint)
        => new($"{endpoint} does not speak {protocol}. Check spec.verify.startTls and the port; a port for TLS from the start needs no startTls.");
}
