using System.Buffers;
using System.Buffers.Binary;

namespace CertOperator.Providers.Probing.Ocsp;

/// <summary>Takes handshake messages out of TLS records in the clear (RFC 5246, sections 6.2.1 and 7.4).</summary>
internal sealed class HandshakeReader(Stream stream)
{
    public const byte HandshakeRecord = 22;

    private const byte AlertRecord = 21;
    private const byte WarningLevel = 1;
    private const byte CloseNotify = 0;
    private const int MaxRecord = 1 << 14;

    /// <summary>Room for a long chain; a server that goes on beyond is not listened to.</summary>
    private const int MaxBytes = 128 * 1024;

    private readonly ArrayBufferWriter<byte> _messages = new();
    private int _taken;
    private int _read;

    /// <summary>Type of the next message, whose end may not have come yet; null where the server has refused.</summary>
    /// <exception cref="InvalidDataException">That is no TLS.</exception>
    public async Task<byte?> PeekTypeAsync(CancellationToken ct) => await FillAsync(4, ct) ? _messages.WrittenSpan[_taken] : null;

    /// <summary>Body of the next message; null where the server has refused.</summary>
    /// <exception cref="InvalidDataException">That is no TLS, or too much of it.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken ct)
    {
        if (!await FillAsync(4, ct))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_messages.WrittenSpan[_taken..]) & 0xffffff;
        if (!await FillAsync(4 + length, ct))
        {
            return null;
        }

        var body = _messages.WrittenMemory.Slice(_taken + 4, length);
        _taken += 4 + length;
        return body;
    }

    private async Task<bool> FillAsync(int wanted, CancellationToken ct)
    {
        while (_messages.WrittenCount - _taken < wanted)
        {
            if (await ReadRecordAsync(ct) is not { } fragment)
            {
                return false;
            }

            _messages.Write(fragment);
        }

        return true;
    }

    private async Task<byte[]?> ReadRecordAsync(CancellationToken ct)
    {
        var header = new byte[5];
        await stream.ReadExactlyAsync(header, ct);
        var length = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3));
        _read += header.Length + length;
        if (header[0] is not (HandshakeRecord or AlertRecord) || header[1] != 3 || length is 0 or > MaxRecord || _read > MaxBytes)
        {
            throw new InvalidDataException("No TLS record that belongs here.");
        }

        var fragment = new byte[length];
        await stream.ReadExactlyAsync(fragment, ct);
        return header[0] == HandshakeRecord ? fragment
            : fragment is [WarningLevel, not CloseNotify] ? []
            : null;
    }
}
