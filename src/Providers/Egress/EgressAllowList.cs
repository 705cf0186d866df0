using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CertOperator.Providers.Egress;

/// <summary>Reads the value of --egress-allow: networks in CIDR notation and single addresses.</summary>
public static class EgressAllowList
{
    private const int MaxShown = 60;

    /// <summary>Reads all entries; errors are one sentence per bad entry and empty when true is returned.</summary>
    public static bool TryParse(IEnumerable<string> entries, out IReadOnlyList<IPNetwork> networks, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var good = new List<IPNetwork>();
        var bad = new List<string>();
        foreach (var entry in entries.SelectMany(e => e.Split(',')).Select(e => e.Trim()).Where(e => e.Length > 0))
        {
            if (Parse(entry, out var error) is { } network)
            {
                good.Add(network);
            }
            else
            {
                bad.Add($"{(entry.Length > MaxShown ? entry[..MaxShown] + "..." : entry)} {error}");
            }
        }

        (networks, errors) = (good, bad);
        return bad.Count == 0;
    }

    private static IPNetwork? Parse(string entry, out string error)
    {
        error = "is no network; write it as 10.0.0.0/8 or fd00::/8";
        var slash = entry.IndexOf('/');
        var addressText = slash < 0 ? entry : entry[..slash];
        // The platform's reader also takes 10.1 for 10.0.0.1, and zones, which say nothing about where a packet goes.
        if (addressText.Contains('%') || addressText.Contains('[') || !IPAddress.TryParse(addressText, out var address)
            || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != addressText))
        {
            return null;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            error = $"is an IPv4 network in IPv6 form; write it with {address.MapToIPv4()}";
            return null;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(entry.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
        {
            error = string.Create(CultureInfo.InvariantCulture, $"has no prefix length between 0 and {bits} after the slash");
            return null;
        }

        var network = IPNetwork.Parse(string.Create(CultureInfo.InvariantCulture, $"{address}/{length}"));
        if (!network.BaseAddress.Equals(address))
        {
            error = $"has bits set behind the prefix; write {network}";
            return null;
        }

        return network;
    }
}
