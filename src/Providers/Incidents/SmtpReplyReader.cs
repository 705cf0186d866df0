using System.Globalization;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Incidents;

/// <summary>A reply of a mail server: its code, and its lines without the code.</summary>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines);

/// <summary>Reads replies (RFC 5321, section 4.2), and no more of them than any server has reason to send.</summary>
internal sealed class SmtpReplyReader(Stream stream, string host)
{
    private const int MaxLines = 100;
    private const int MaxLineBytes = 2048;

    private readonly LineReader _lines = new(stream, MaxLineBytes);

    /// <summary>Whether something has come that no command asked for.</summary>
    public bool HasMore => _lines.HasMore;

    public async Task<SmtpReply> ReadAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (lines.Count < MaxLines)
        {
            var line = await ReadLineAsync(cancellationToken);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || (line.Length > 3 && line[3] is not (' ' or '-')))
            {
                throw NoMailServer();
            }

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
            {
                return new SmtpReply(code, lines);
            }
        }

        throw NoMailServer();
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _lines.ReadAsync(cancellationToken) ?? throw new IncidentDeliveryException($"{host} closed the connection.", canRetry: true);
        }
        catch (InvalidDataException)
        {
            throw NoMailServer();
        }
    }

    private IncidentDeliveryException NoMailServer()
        => new($"{host} does not answer as a mail server does. Check spec.incidents.email.smtpHost and smtpPort; a port for TLS from the start, such as 465, does not work.", canRetry: true);
}
