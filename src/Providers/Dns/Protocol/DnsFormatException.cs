namespace CertOperator.Providers.Dns.Protocol;

/// <summary>Bytes or text that are no DNS message or name. The message is a clause without a full stop.</summary>
public sealed class DnsFormatException(string message) : Exception(message);
