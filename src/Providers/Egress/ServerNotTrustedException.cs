using System.Security.Authentication;

namespace CertOperator.Providers.Egress;

/// <summary>A TLS server whose certificate does not prove who it is; the message says what was wrong and which field to set.</summary>
public sealed class ServerNotTrustedException(string host, IReadOnlyList<string> errors)
    : AuthenticationException($"The TLS certificate of {host} is not trusted: {string.Join("; ", errors)}.")
{
    public string Host { get; } = host;

    public IReadOnlyList<string> Errors { get; } = errors;
}
