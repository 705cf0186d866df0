using System.Buffers;
using System.Buffers.Binary;

namespace CertOperator.Providers.Dns.Protocol;

/// <summary>Writes messages, names uncompressed: what is sent from here is short.</summary>
public sealed class DnsWriter
{
    private readonly ArrayBufferWriter<byte> _written = new();

    /// <exception cref="DnsFormatException">The message would be too long.</exception>
    public static byte[] Write(DnsMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var writer = new DnsWriter();
        writer.Write16(message.Id);
        writer.Write16((ushort)(
            (message.IsResponse ? 0x8000 : 0)
            | ((int)message.Operation << 11)
            | (message.Authoritative ? 0x0400 : 0)
            | (message.Truncated ? 0x0200 : 0)
            | (message.RecursionDesired ? 0x0100 : 0)
            | (int)message.ResponseCode));
        writer.Write16((ushort)message.Questions.Count);
        writer.Write16((ushort)message.Answers.Count);
        writer.Write16((ushort)message.Authorities.Count);
        writer.Write16((ushort)message.Additionals.Count);
        foreach (var question in message.Questions)
        {
            writer.Name(question.Name);
            writer.Write16((ushort)question.Type);
            writer.Write16((ushort)question.Class);
        }

        foreach (var record in message.Answers.Concat(message.Authorities).Concat(message.Additionals))
        {
            writer.Record(record);
        }

        return writer._written.WrittenCount <= DnsMessage.MaxLength ? writer.ToArray() : throw new DnsFormatException("the message would be longer than 65535 bytes");
    }

    public byte[] ToArray() => _written.WrittenSpan.ToArray();

    public void Bytes(ReadOnlySpan<byte> bytes) => _written.Write(bytes);

    public void Write16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        _written.Write(bytes);
    }

    public void Write32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        _written.Write(bytes);
    }

    public void Write48(ulong value)
    {
        Write16((ushort)(value >> 32));
        Write32((uint)value);
    }

    /// <param name="name">The name.</param>
    /// <param name="canonical">In lower case, as it goes into a signature (RFC 4034, section 6.2).</param>
    public void Name(DnsName name, bool canonical = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var label in name.Labels)
        {
            Write8((byte)label.Length);
            foreach (var b in label)
            {
                Write8(canonical ? DnsName.Lower(b) : b);
            }
        }

        Write8(0);
    }

    public void Record(DnsRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Name(record.Name);
        Write16((ushort)record.Type);
        Write16((ushort)record.Class);
        Write32(record.TimeToLive);
        var data = DataOf(record.Data);
        Write16((ushort)data.Length);
        Bytes(data);
    }

    private void Write8(byte value) => _written.Write([value]);

    private static byte[] DataOf(DnsData data)
    {
        var writer = new DnsWriter();
        switch (data)
        {
            case DnsData.Address address:
                writer.Bytes(address.Value.GetAddressBytes());
                break;

            case DnsData.Name name:
                writer.Name(name.Value);
                break;

            case DnsData.Soa soa:
                writer.Name(soa.Primary);
                writer.Name(DnsName.Root);
                writer.Write32(soa.Serial);
                writer.Bytes(new byte[16]);
                break;

            case DnsData.Text text:
                foreach (var part in text.Bytes.Chunk(DnsData.Text.MaxStringLength).DefaultIfEmpty([]))
                {
                    writer.Write8((byte)part.Length);
                    writer.Bytes(part);
                }

                break;

            case DnsData.Tsig { Value: var tsig }:
                writer.Name(tsig.Algorithm);
                writer.Write48(tsig.TimeSigned);
                writer.Write16(tsig.Fudge);
                writer.Write16((ushort)tsig.Mac.Length);
                writer.Bytes(tsig.Mac);
                writer.Write16(tsig.OriginalId);
                writer.Write16(tsig.Error);
                writer.Write16((ushort)tsig.OtherData.Length);
                writer.Bytes(tsig.OtherData);
                break;
        }

        return writer.ToArray();
    }
}
