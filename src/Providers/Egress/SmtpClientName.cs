using System.Net;
using System.Net.Sockets;

namespace CertOperator.Providers.Egress;

/// <summary>What a client calls itself in EHLO.</summary>
internal static class SmtpClientName
{
    /// <summary>RFC 5321, section 4.1.3: a client without a name of its own gives its address.</summary>
    public static string Of(NetworkStream stream) => Literal((stream.Socket.LocalEndPoint as IPEndPoint)?.Address ?? IPAddress.Loopback);

    private static string Literal(IPAddress address)
        => address.IsIPv4MappedToIPv6 ? $"[{address.MapToIPv4()}]"
            : address.AddressFamily == AddressFamily.InterNetwork ? $"[{address}]"
            : $"[IPv6:{address.ToString().Split('%')[0]}]";
}
