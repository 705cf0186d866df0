using CertOperator.Providers.Dns.Protocol;

namespace CertOperator.Providers.Dns;

/// <summary>One value at one name. Other values may stand at the same name and must stay there.</summary>
public sealed record TxtRecord(DnsName Name, string Value)
{
    /// <summary>Short, so that caches do not hold a value that is gone.</summary>
    public const int TimeToLive = 60;
}
