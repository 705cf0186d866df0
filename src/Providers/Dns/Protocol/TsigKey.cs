using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CertOperator.Providers.Dns.Protocol;

/// <summary>A key that requests are signed and answers verified with (RFC 8945).</summary>
public sealed class TsigKey(DnsName name, string algorithm, byte[] secret)
{
    /// <summary>How far the clocks of both sides may differ, in seconds; what RFC 8945, section 10 recommends.</summary>
    public const ushort Fudge = 300;

    private const int AdditionalCountOffset = 10;

    public DnsName Name => name;

    public string Algorithm => algorithm;

    /// <summary>The message with the signature behind it, and the MAC, which the answer's signature covers too.</summary>
    public (byte[] Signed, byte[] Mac) Sign(ReadOnlySpan<byte> message, DateTimeOffset now)
    {
        var tsig = new TsigData
        {
            Algorithm = DnsName.Parse(algorithm),
            TimeSigned = (ulong)now.ToUnixTimeSeconds(),
            Fudge = Fudge,
            Mac = [],
            OriginalId = BinaryPrimitives.ReadUInt16BigEndian(message),
            Error = 0,
            OtherData = [],
        };
        var input = new DnsWriter();
        input.Bytes(message);
        Variables(input, tsig);
        var mac = TsigAlgorithms.Compute(algorithm, secret, input.ToArray());

        var signed = new DnsWriter();
        signed.Bytes(message);
        signed.Record(new DnsRecord(name, DnsType.Tsig, DnsClass.Any, 0, new DnsData.Tsig(tsig with { Mac = mac })));
        var bytes = signed.ToArray();
        var count = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(AdditionalCountOffset));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(AdditionalCountOffset), (ushort)(count + 1));
        return (bytes, mac);
    }

    /// <summary>Null when the answer was signed with this key for that request and now; else a clause that says what is wrong with it.</summary>
    /// <param name="answer">The answer as it came.</param>
    /// <param name="parsed">The same, read.</param>
    /// <param name="requestMac">The MAC of the request.</param>
    /// <param name="now">The time.</param>
    public string? FindDefect(ReadOnlySpan<byte> answer, DnsMessage parsed, byte[] requestMac, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        if (parsed.Tsig is not { } tsig)
        {
            return "is not signed";
        }

        if (!parsed.Additionals[^1].Name.Equals(name) || !tsig.Algorithm.Equals(DnsName.Parse(algorithm)))
        {
            return "is signed with another key or algorithm";
        }

        // RFC 8945, section 5.3: the request's MAC, the answer as it was before it was signed, the variables.
        var input = new DnsWriter();
        input.Write16((ushort)requestMac.Length);
        input.Bytes(requestMac);
        var unsigned = answer[..tsig.Offset].ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(unsigned, tsig.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(unsigned.AsSpan(AdditionalCountOffset), (ushort)(parsed.Additionals.Count - 1));
        input.Bytes(unsigned);
        Variables(input, tsig);
        if (!CryptographicOperations.FixedTimeEquals(TsigAlgorithms.Compute(algorithm, secret, input.ToArray()), tsig.Mac))
        {
            return "has a signature that does not fit";
        }

        var difference = (long)tsig.TimeSigned - now.ToUnixTimeSeconds();
        return Math.Abs(difference) > tsig.Fudge ? "was signed at another time than this" : null;
    }

    public override string ToString() => $"TsigKey {{ {name}, {algorithm} }}";

    private void Variables(DnsWriter input, TsigData tsig)
    {
        input.Name(name, canonical: true);
        input.Write16((ushort)DnsClass.Any);
        input.Write32(0);
        input.Name(tsig.Algorithm, canonical: true);
        input.Write48(tsig.TimeSigned);
        input.Write16(tsig.Fudge);
        input.Write16(tsig.Error);
        input.Write16((ushort)tsig.OtherData.Length);
        input.Bytes(tsig.OtherData);
    }
}
