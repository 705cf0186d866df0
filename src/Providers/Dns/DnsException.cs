namespace CertOperator.Providers.Dns;

/// <summary>A name server could not be asked or gave no usable answer. The message names it.</summary>
public sealed class DnsException(string message, Exception? inner = null) : Exception(message, inner);
