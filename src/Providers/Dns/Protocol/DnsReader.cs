using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace CertOperator.Providers.Dns.Protocol;

/// <summary>
/// Reads messages that anyone on the network may have made. Every step moves forward in the message, and a compression pointer only
/// backward (RFC 1035, section 4.1.4), so that no input takes long; no more records are read than fit the message.
/// </summary>
public ref struct DnsReader
{
    /// <summary>As many as a name can have labels.</summary>
    private const int MaxJumps = 127;

    private readonly ReadOnlySpan<byte> _message;
    private int _at;

    private DnsReader(ReadOnlySpan<byte> message) => _message = message;

    /// <exception cref="DnsFormatException">The bytes are no DNS message.</exception>
    public static DnsMessage Read(ReadOnlySpan<byte> message)
    {
        if (message.Length is < DnsMessage.HeaderLength or > DnsMessage.MaxLength)
        {
            throw new DnsFormatException($"a message of {message.Length} bytes");
        }

        var reader = new DnsReader(message);
        var id = reader.UInt16();
        var flags = reader.UInt16();
        int questions = reader.UInt16(), answers = reader.UInt16(), authorities = reader.UInt16(), additionals = reader.UInt16();
        return new DnsMessage
        {
            Id = id,
            IsResponse = (flags & 0x8000) != 0,
            Operation = (DnsOperation)((flags >> 11) & 0xf),
            Authoritative = (flags & 0x0400) != 0,
            Truncated = (flags & 0x0200) != 0,
            RecursionDesired = (flags & 0x0100) != 0,
            ResponseCode = (DnsResponseCode)(flags & 0xf),
            Questions = reader.ReadQuestions(questions),
            Answers = reader.ReadRecords(answers),
            Authorities = reader.ReadRecords(authorities),
            Additionals = reader.ReadRecords(additionals),
        };
    }

    private List<DnsQuestion> ReadQuestions(int count)
    {
        var questions = new List<DnsQuestion>();
        for (var i = 0; i < count; i++)
        {
            questions.Add(new DnsQuestion(Name(), (DnsType)UInt16(), (DnsClass)UInt16()));
        }

        return questions;
    }

    private List<DnsRecord> ReadRecords(int count)
    {
        var records = new List<DnsRecord>();
        for (var i = 0; i < count; i++)
        {
            var offset = _at;
            var name = Name();
            var type = (DnsType)UInt16();
            var @class = (DnsClass)UInt16();
            var timeToLive = UInt32();
            var length = UInt16();
            var end = _at + length;
            if (end > _message.Length)
            {
                throw new DnsFormatException("a record is longer than the message");
            }

            var data = length == 0 ? new DnsData.Other() : Data(type, length, end, offset);
            if (_at > end)
            {
                throw new DnsFormatException("the data of a record is longer than the record says");
            }

            _at = end;
            records.Add(new DnsRecord(name, type, @class, timeToLive, data));
        }

        return records;
    }

    private DnsData Data(DnsType type, int length, int end, int offset)
    {
        switch (type)
        {
            case DnsType.A when length == 4:
            case DnsType.Aaaa when length == 16:
                return new DnsData.Address(new IPAddress(Take(length)));

            case DnsType.Ns or DnsType.Cname:
                return new DnsData.Name(Name());

            case DnsType.Soa:
                var primary = Name();
                Name();
                return new DnsData.Soa(primary, UInt32());

            case DnsType.Txt:
                var text = new StringBuilder();
                while (_at < end)
                {
                    text.Append(Encoding.ASCII.GetString(Take(Take(1)[0])));
                }

                return new DnsData.Text(text.ToString());

            case DnsType.Caa when length >= 2:
                var critical = (Take(1)[0] & 0x80) != 0;
                var tag = Encoding.ASCII.GetString(Take(Take(1)[0]));
                return new DnsData.Caa(critical, tag, Encoding.ASCII.GetString(Take(Math.Max(0, end - _at))));

            case DnsType.Tsig:
                return new DnsData.Tsig(new TsigData
                {
                    Algorithm = Name(),
                    TimeSigned = ((ulong)UInt16() << 32) | UInt32(),
                    Fudge = UInt16(),
                    Mac = Take(UInt16()).ToArray(),
                    OriginalId = UInt16(),
                    Error = UInt16(),
                    OtherData = Take(UInt16()).ToArray(),
                    Offset = offset,
                });

            default:
                return new DnsData.Other();
        }
    }

    private DnsName Name()
    {
        var labels = new List<byte[]>();
        var length = 1;
        var at = _at;
        var lowest = _at;
        var jumps = 0;
        while (true)
        {
            var size = At(at++);
            switch (size & 0xc0)
            {
                case 0xc0:
                    var target = ((size & 0x3f) << 8) | At(at++);
                    _at = jumps == 0 ? at : _at;
                    if (target >= lowest || ++jumps > MaxJumps)
                    {
                        throw new DnsFormatException("a compression pointer does not point backward, or to too many others");
                    }

                    at = lowest = target;
                    break;

                case 0:
                    if (size == 0)
                    {
                        _at = jumps == 0 ? at : _at;
                        return DnsName.FromLabels([.. labels]);
                    }

                    length += size + 1;
                    if (length > DnsName.MaxWireLength || at + size > _message.Length)
                    {
                        throw new DnsFormatException("a name is longer than names or the message can be");
                    }

                    labels.Add(_message.Slice(at, size).ToArray());
                    at += size;
                    break;

                default:
                    throw new DnsFormatException("a label of an unknown kind");
            }
        }
    }

    private readonly int At(int position)
        => position < _message.Length ? _message[position] : throw new DnsFormatException("the message ends within a name");

    private ReadOnlySpan<byte> Take(int length)
    {
        if (_at + length > _message.Length)
        {
            throw new DnsFormatException("the message ends too early");
        }

        var taken = _message.Slice(_at, length);
        _at += length;
        return taken;
    }

    private ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    private uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));
}
