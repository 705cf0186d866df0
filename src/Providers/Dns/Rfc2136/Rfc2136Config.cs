using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Probing;

namespace CertOperator.Providers.Dns.Rfc2136;

/// <summary>The primary server that takes updates, and the key that it knows the operator by; null where it goes by addresses.</summary>
public sealed record Rfc2136Config(EndpointAddress Server, TsigKey? Key);
