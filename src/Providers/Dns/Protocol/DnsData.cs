using System.Net;
using System.Text;

namespace CertOperator.Providers.Dns.Protocol;

/// <summary>What a record says: a closed set.</summary>
public abstract record DnsData
{
    private DnsData()
    {
    }

    public sealed record Address(IPAddress Value) : DnsData;

    /// <summary>NS or CNAME.</summary>
    public sealed record Name(DnsName Value) : DnsData;

    /// <summary>The part of an SOA record that is of use here.</summary>
    public sealed record Soa(DnsName Primary, uint Serial) : DnsData;

    /// <summary>The character strings of one TXT record, put together; bytes beyond ASCII become question marks.</summary>
    public sealed record Text(string Value) : DnsData
    {
        /// <summary>Length of the longest character string (RFC 1035, section 3.3).</summary>
        public const int MaxStringLength = 255;

        internal byte[] Bytes => Encoding.ASCII.GetBytes(Value);
    }

    /// <summary>Which CA may issue (RFC 8659, section 4.1).</summary>
    public sealed record Caa(bool Critical, string Tag, string Value) : DnsData;

    public sealed record Tsig(TsigData Value) : DnsData;

    /// <summary>No data, as in updates that delete, or of a type that is not understood.</summary>
    public sealed record Other : DnsData;
}

/// <summary>The data of a TSIG record (RFC 8945, section 4.2).</summary>
public sealed record TsigData
{
    public required DnsName Algorithm { get; init; }

    /// <summary>Seconds since 1970, 48 bits.</summary>
    public required ulong TimeSigned { get; init; }

    public required ushort Fudge { get; init; }

    public required byte[] Mac { get; init; }

    public required ushort OriginalId { get; init; }

    public required ushort Error { get; init; }

    public required byte[] OtherData { get; init; }

    /// <summary>Where the record begins in the message that it was read from.</summary>
    public int Offset { get; init; }
}
