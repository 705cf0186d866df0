namespace CertOperator.Providers.Probing.Ocsp;

/// <summary>What a server sends in the clear in a TLS 1.2 handshake, as far as it matters here.</summary>
/// <param name="Certificates">In DER, its own first.</param>
/// <param name="Staple">The OCSP response, unread; null where it staples none.</param>
internal sealed record ServerFlight(IReadOnlyList<ReadOnlyMemory<byte>> Certificates, ReadOnlyMemory<byte>? Staple)
{
    private const byte ServerHello = 2;
    private const byte Certificate = 11;
    private const byte CertificateStatus = 22;
    private const byte Ocsp = 1;

    /// <summary>Null where the server refuses, such as one that speaks TLS 1.3 alone.</summary>
    /// <exception cref="InvalidDataException">That is no such handshake.</exception>
    /// <exception cref="IOException">The connection has ended.</exception>
    public static async Task<ServerFlight?> ReadAsync(Stream stream, CancellationToken ct)
    {
        var messages = new HandshakeReader(stream);
        if (await ExpectAsync(messages, ServerHello, ct) is null || await ExpectAsync(messages, Certificate, ct) is not { } chain)
        {
            return null;
        }

        // RFC 6066, section 8: it comes right after the certificate, and only where there is a response.
        ReadOnlyMemory<byte>? staple = null;
        if (await messages.PeekTypeAsync(ct) == CertificateStatus && await messages.ReadAsync(ct) is { } status)
        {
            staple = ReadStatus(status);
        }

        return new ServerFlight(ReadChain(chain), staple);
    }

    private static async Task<ReadOnlyMemory<byte>?> ExpectAsync(HandshakeReader messages, byte type, CancellationToken ct)
        => await messages.PeekTypeAsync(ct) is not { } next ? null
            : next == type ? await messages.ReadAsync(ct)
            : throw new InvalidDataException("Another handshake message than is due.");

    private static List<ReadOnlyMemory<byte>> ReadChain(ReadOnlyMemory<byte> message)
    {
        var certificates = new List<ReadOnlyMemory<byte>>();
        for (var list = Take(ref message); list.Length > 0;)
        {
            certificates.Add(Take(ref list));
        }

        return certificates.Count > 0 ? certificates : throw new InvalidDataException("No certificate.");
    }

    private static ReadOnlyMemory<byte> ReadStatus(ReadOnlyMemory<byte> message)
    {
        if (message.Length == 0 || message.Span[0] != Ocsp)
        {
            throw new InvalidDataException("A certificate status that was not asked for.");
        }

        message = message[1..];
        return Take(ref message);
    }

    /// <summary>Bytes with their number before them, in three bytes.</summary>
    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> from)
    {
        var span = from.Span;
        var length = span.Length < 3 ? int.MaxValue : (span[0] << 16) | (span[1] << 8) | span[2];
        if (length > span.Length - 3)
        {
            throw new InvalidDataException("A length beyond the message's end.");
        }

        var taken = from.Slice(3, length);
        from = from[(3 + length)..];
        return taken;
    }
}
