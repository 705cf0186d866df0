namespace CertOperator.Providers.Dns.Protocol;

/// <summary>A DNS message (RFC 1035, section 4). In an update the sections mean zone, prerequisites, updates and additional data (RFC 2136, section 2).</summary>
public sealed record DnsMessage
{
    public const int HeaderLength = 12;

    /// <summary>The most that a message can be long.</summary>
    public const int MaxLength = 65_535;

    public required ushort Id { get; init; }

    public DnsOperation Operation { get; init; }

    public bool IsResponse { get; init; }

    public bool Authoritative { get; init; }

    public bool Truncated { get; init; }

    public bool RecursionDesired { get; init; }

    public DnsResponseCode ResponseCode { get; init; }

    public IReadOnlyList<DnsQuestion> Questions { get; init; } = [];

    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    public IReadOnlyList<DnsRecord> Authorities { get; init; } = [];

    public IReadOnlyList<DnsRecord> Additionals { get; init; } = [];

    /// <summary>The signature; it can only be the last record.</summary>
    public TsigData? Tsig => Additionals is [.., { Data: DnsData.Tsig tsig }] ? tsig.Value : null;
}

public sealed record DnsQuestion(DnsName Name, DnsType Type, DnsClass Class = DnsClass.Internet);

public sealed record DnsRecord(DnsName Name, DnsType Type, DnsClass Class, uint TimeToLive, DnsData Data);
