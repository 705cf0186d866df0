namespace CertOperator.Providers.Dns.Protocol;

/// <summary>Types of records that are written or understood here.</summary>
public enum DnsType
{
    A = 1,
    Ns = 2,
    Cname = 5,
    Soa = 6,
    Txt = 16,
    Aaaa = 28,
    Tsig = 250,
    Caa = 257,
}

/// <summary>RFC 1035, section 3.2.4, and the two that updates add (RFC 2136, section 2.5).</summary>
public enum DnsClass
{
    Internet = 1,
    None = 254,
    Any = 255,
}

public enum DnsOperation
{
    Query = 0,
    Update = 5,
}

/// <summary>RFC 1035, section 4.1.1, and RFC 2136, section 2.2.</summary>
public enum DnsResponseCode
{
    NoError = 0,
    FormErr = 1,
    ServFail = 2,
    NxDomain = 3,
    NotImp = 4,
    Refused = 5,
    YxDomain = 6,
    YxRrset = 7,
    NxRrset = 8,
    NotAuth = 9,
    NotZone = 10,
}
