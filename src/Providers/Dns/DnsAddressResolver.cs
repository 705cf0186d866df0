using System.Net;
using System.Net.Sockets;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Dns;

/// <summary>Asks given resolvers in place of the machine's own, which may show hosts in another light than the world sees them.</summary>
public sealed class DnsAddressResolver(DnsLookup lookup) : IAddressResolver
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct)
    {
        try
        {
            var found = await lookup.FindAddressesAsync(DnsName.Parse(host), ct);
            return found.Count > 0 ? found : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (DnsException)
        {
            throw new SocketException((int)SocketError.TryAgain);
        }
        catch (DnsFormatException)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }
    }
}
