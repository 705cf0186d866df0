using System.Net;
using System.Net.Sockets;

namespace CertOperator.Providers.Http01;

/// <summary>Where a CA asks for the answers to http-01 challenges (RFC 8555, section 8.3).</summary>
public static class ChallengeAddress
{
    public const string Path = "/.well-known/acme-challenge/";

    public static string Of(string host) => $"http://{HostOf(host)}{Path}";

    /// <summary>As a URL spells it: an IPv6 address in brackets (RFC 3986, section 3.2.2).</summary>
    public static string HostOf(string host)
        => IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{host}]" : host;
}
