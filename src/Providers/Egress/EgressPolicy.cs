using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace CertOperator.Providers.Egress;

/// <summary>
/// Which addresses the operator dials on a tenant's word. Public addresses pass; the operator's own host, cloud metadata
/// and private networks do not, unless whoever runs the operator allows them.
/// </summary>
/// <remarks>
/// A network that is allowed opens what is private within it. It opens link-local and metadata addresses only when it lies
/// wholly within their range: 169.254.169.254/32 does, 0.0.0.0/0 does not.
/// </remarks>
public sealed class EgressPolicy(IReadOnlyList<IPNetwork> allowed)
{
    /// <summary>Null when the address may be dialled, else why not.</summary>
    public EgressRefusal? Check(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return CheckPlain(address) ?? (EmbeddedIPv4(address) is { } embedded ? CheckPlain(embedded) : null);
    }

    private EgressRefusal? CheckPlain(IPAddress address)
    {
        foreach (var refused in RefusedNetworks.All)
        {
            if (refused.Network.Contains(address))
            {
                return IsAllowed(address, refused) ? null : new EgressRefusal(refused.Reason, refused.Opening != Opening.Never);
            }
        }

        return null;
    }

    private bool IsAllowed(IPAddress address, RefusedNetwork refused) => refused.Opening switch
    {
        Opening.Never => false,
        Opening.Explicitly => allowed.Any(n => n.Contains(address) && n.PrefixLength >= refused.Network.PrefixLength),
        _ => allowed.Any(n => n.Contains(address)),
    };

    /// <summary>The IPv4 address that a gateway on the way would really dial.</summary>
    private static IPAddress? EmbeddedIPv4(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        var isNat64 = BinaryPrimitives.ReadUInt32BigEndian(bytes) == 0x0064ff9b;                  // RFC 6052, RFC 8215
        var isCompatible = bytes[..12].IndexOfAnyExcept((byte)0) < 0 && bytes[12] != 0;                              // RFC 4291, 2.5.5.1
        var isTranslated = bytes[..8].IndexOfAnyExcept((byte)0) < 0 && BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) == 0xffff0000; // RFC 2765
        var is6To4 = BinaryPrimitives.ReadUInt16BigEndian(bytes) == 0x2002;                        // RFC 3056
        return isNat64 || isCompatible || isTranslated ? new IPAddress(bytes[12..])
            : is6To4 ? new IPAddress(bytes.Slice(2, 4))
            : null;
    }
}
