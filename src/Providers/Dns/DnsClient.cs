using CertOperator.Providers.Dns.Protocol;

namespace CertOperator.Providers.Dns;

/// <summary>Asks name servers, and has them change their zones (RFC 2136).</summary>
/// <param name="transport">Carries the messages.</param>
/// <param name="nextId">Message ids that cannot be guessed.</param>
/// <param name="timeProvider">Dates signatures.</param>
public sealed class DnsClient(DnsTransport transport, Func<ushort> nextId, TimeProvider timeProvider)
{
    /// <summary>Asks over UDP, and over TCP where the answer did not fit or none came.</summary>
    /// <param name="server">Whom to ask.</param>
    /// <param name="name">What about.</param>
    /// <param name="type">Which records.</param>
    /// <param name="recurse">Whether the server is to find the answer elsewhere if it does not have it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DnsException">No usable answer came.</exception>
    public async Task<DnsMessage> AskAsync(DnsServer server, DnsName name, DnsType type, bool recurse, CancellationToken cancellationToken)
    {
        var query = new DnsMessage { Id = nextId(), RecursionDesired = recurse, Questions = [new DnsQuestion(name, type)] };
        var bytes = DnsWriter.Write(query);
        var answer = await transport.OverUdpAsync(server, bytes, a => Accept(a, query)?.Message, cancellationToken);
        if (answer is not { Truncated: false })
        {
            answer = await transport.OverTcpAsync(server, bytes, a => Accept(a, query)?.Message, cancellationToken);
        }

        return answer ?? throw new DnsException($"{server} does not answer.");
    }

    /// <summary>Sends an update over TCP, where an answer cannot be forged from afar, or over UDP where the server has no TCP.</summary>
    /// <param name="server">The zone's primary server.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="changes">Records to add (class IN) or to delete (class NONE, RFC 2136, section 2.5.4).</param>
    /// <param name="key">Signs the request; null where the server goes by addresses.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DnsException">No usable answer came, or one whose signature does not hold.</exception>
    public async Task<DnsMessage> UpdateAsync(DnsServer server, DnsName zone, IReadOnlyList<DnsRecord> changes, TsigKey? key, CancellationToken cancellationToken)
    {
        var update = new DnsMessage { Id = nextId(), Operation = DnsOperation.Update, Questions = [new DnsQuestion(zone, DnsType.Soa)], Authorities = changes };
        var bytes = DnsWriter.Write(update);
        byte[] mac = [];
        if (key is not null)
        {
            (bytes, mac) = key.Sign(bytes, timeProvider.GetUtcNow());
        }

        var answer = await OverAnyAsync(server, bytes, update, cancellationToken) ?? throw new DnsException($"{server} does not answer updates.");

        // A refusal for the sake of the signature cannot be signed itself; it changes nothing, so it is believed.
        if (key is not null && answer.Message.ResponseCode == DnsResponseCode.NoError
            && key.FindDefect(answer.Bytes.Span, answer.Message, mac, timeProvider.GetUtcNow()) is { } defect)
        {
            throw new DnsException($"The answer of {server} {defect}. Nothing is known of the update; check that the server and this host are not far apart in time, and that nobody answers in the server's place.");
        }

        return answer.Message;
    }

    private async Task<Answer?> OverAnyAsync(DnsServer server, byte[] bytes, DnsMessage update, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.OverTcpAsync(server, bytes, a => Accept(a, update), cancellationToken);
        }
        catch (DnsException)
        {
            return await transport.OverUdpAsync(server, bytes, a => Accept(a, update), cancellationToken);
        }
    }

    /// <summary>Null for what is no answer to this question: late, forged or garbage.</summary>
    private static Answer? Accept(ReadOnlyMemory<byte> bytes, DnsMessage request)
    {
        try
        {
            var message = DnsReader.Read(bytes.Span);
            return message.IsResponse && message.Id == request.Id && message.Operation == request.Operation
                && (message.Questions is [] ? message.ResponseCode != DnsResponseCode.NoError || request.Operation == DnsOperation.Update : message.Questions is [var one] && one == request.Questions[0])
                ? new Answer(message, bytes.ToArray())
                : null;
        }
        catch (DnsFormatException)
        {
            return null;
        }
    }

    private sealed record Answer(DnsMessage Message, ReadOnlyMemory<byte> Bytes);
}
