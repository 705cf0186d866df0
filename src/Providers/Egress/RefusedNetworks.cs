using System.Net;

namespace CertOperator.Providers.Egress;

internal enum Opening
{
    /// <summary>By any allowed network that holds the address.</summary>
    Normally,

    /// <summary>Only by an allowed network that lies within the refused one.</summary>
    Explicitly,

    Never,
}

internal sealed record RefusedNetwork(IPNetwork Network, string Reason, Opening Opening);

/// <summary>The networks that are refused unless allowed; the first that holds an address decides.</summary>
internal static class RefusedNetworks
{
    private const string Metadata = "a cloud provider's metadata address";
    private const string LinkLocal = "a link-local address, where cloud metadata is served";

    public static readonly IReadOnlyList<RefusedNetwork> All =
    [
        Of("100.100.100.200/32", Metadata, Opening.Explicitly),
        Of("168.63.129.16/32", Metadata, Opening.Explicitly),
        Of("192.0.0.192/32", Metadata, Opening.Explicitly),
        Of("fd00:ec2::/32", Metadata, Opening.Explicitly),
        Of("fd20:ce::254/128", Metadata, Opening.Explicitly),
        Of("169.254.0.0/16", LinkLocal, Opening.Explicitly),
        Of("fe80::/10", LinkLocal, Opening.Explicitly),
        Of("0.0.0.0/8", "an address of no particular host", Opening.Never),
        Of("::/128", "the unspecified address", Opening.Never),
        Of("255.255.255.255/32", "the broadcast address", Opening.Never),
        Of("224.0.0.0/4", "a multicast address", Opening.Never),
        Of("ff00::/8", "a multicast address", Opening.Never),
        Of("127.0.0.0/8", "a loopback address", Opening.Normally),
        Of("::1/128", "a loopback address", Opening.Normally),
        Of("::/96", "an IPv4-compatible address, long deprecated (RFC 4291)", Opening.Normally),
        Of("10.0.0.0/8", "a private address (RFC 1918)", Opening.Normally),
        Of("172.16.0.0/12", "a private address (RFC 1918)", Opening.Normally),
        Of("192.168.0.0/16", "a private address (RFC 1918)", Opening.Normally),
        Of("100.64.0.0/10", "a shared address behind a carrier's NAT (RFC 6598)", Opening.Normally),
        Of("192.0.0.0/24", "an address for protocol assignments (RFC 6890)", Opening.Normally),
        Of("198.18.0.0/15", "an address for benchmarks (RFC 2544)", Opening.Normally),
        Of("240.0.0.0/4", "a reserved address (RFC 1112)", Opening.Normally),
        Of("fc00::/7", "a unique local address (RFC 4193)", Opening.Normally),
        Of("fec0::/10", "a site-local address (RFC 3879)", Opening.Normally),
        // Its IPv4 address is that of a relay, which passes on to anywhere.
        Of("2001::/32", "a Teredo address (RFC 4380)", Opening.Normally),
    ];

    private static RefusedNetwork Of(string network, string reason, Opening opening) => new(IPNetwork.Parse(network), reason, opening);
}
